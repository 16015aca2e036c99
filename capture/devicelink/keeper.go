package devicelink

import "context"

// A keeper writes parcels to a Store while the next are received.
type keeper struct {
	ctx   context.Context
	store Store

	path string // of the file that is being written
	w    Writer // nil when nothing of it was written
	err  error  // why the rest of it is not
}

// run takes parcels and gives them back until there are no more.
func (k *keeper) run(full <-chan *parcel, done chan<- *parcel) {
	defer close(done)
	for p := range full {
		k.keep(p)
		done <- p
	}
}

func (k *keeper) keep(p *parcel) {
	data := p.data
	for _, part := range p.parts {
		k.part(p, &part, data[:part.size])
		data = data[part.size:]
	}
}

func (k *keeper) part(p *parcel, part *part, data []byte) {
	if part.path != "" {
		k.path, k.err = part.path, nil
	}
	if part.end == cut || k.ctx.Err() != nil {
		k.discard()
		k.err = context.Cause(k.ctx)
		return
	}
	if k.err != nil {
		return
	}
	what := "receive a file"
	k.err = k.write(data)
	if k.err == nil && part.end == complete {
		what, k.err = "keep a file", k.commit()
	}
	switch {
	case k.err != nil:
		k.discard()
		p.failures = append(p.failures, failure{what, k.path, k.err})
	case part.end == complete:
		p.kept++
	}
}

// write makes the file only now: one of which nothing comes is never made.
func (k *keeper) write(b []byte) (err error) {
	if k.w == nil {
		if k.w, err = k.store.Create(k.path); err != nil {
			k.w = nil
			return err
		}
	}
	if len(b) > 0 {
		_, err = k.w.Write(b)
	}
	return err
}

func (k *keeper) commit() error {
	w := k.w
	k.w = nil
	return w.Commit()
}

func (k *keeper) discard() {
	if k.w != nil {
		k.w.Discard(k.ctx)
		k.w = nil
	}
}
