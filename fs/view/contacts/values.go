package contacts

import (
	"context"
	"errors"
	"strings"

	"ibfs/fs/view"
)

// readValues reads what each person has any number of.
func (b *book) readValues(ctx context.Context, db *view.Database) error {
	labels, err := b.words(ctx, db, "ABMultiValueLabel")
	if err != nil {
		return err
	}
	type place struct {
		of *person
		at int
	}
	places := map[int64]place{}
	t, err := db.Table(ctx, "ABMultiValue")
	if err != nil {
		return err
	}
	if err := t.Need("record_id", "property"); err != nil {
		return err
	}
	if err := t.Need("value"); err != nil {
		b.Lost = append(b.Lost, err) // addresses and profiles are elsewhere
	}
	err = b.Scan(ctx, db, t, []string{"rowid", "record_id", "property", "label", "value"}, func(r view.Row) {
		p := b.person(r.Int(1))
		if p == nil {
			return
		}
		places[r.Int(0)] = place{p, len(p.values)}
		p.values = append(p.values, value{id: r.Int(0), property: r.Int(2), label: labels[r.Int(3)], text: view.Clean(r.Text(4))})
	})
	if err != nil {
		return err
	}
	keys, err := b.words(ctx, db, "ABMultiValueEntryKey")
	if err != nil {
		return err
	}
	return b.Table(ctx, db, "ABMultiValueEntry", []string{"parent_id", "key", "value"}, []string{"parent_id", "key", "value"}, func(r view.Row) {
		at, known := places[r.Int(0)]
		key, text := strings.ToLower(keys[r.Int(1)]), view.Clean(r.Text(2))
		if !known || key == "" || text == "" {
			return
		}
		v := &at.of.values[at.at]
		if v.parts == nil {
			v.parts = map[string]string{}
		}
		v.parts[key] = text
	})
}

// words reads a table of texts that others refer to by rowid.
func (b *book) words(ctx context.Context, db *view.Database, name string) (map[int64]string, error) {
	words := map[int64]string{}
	err := b.Table(ctx, db, name, []string{"value"}, []string{"rowid", "value"}, func(r view.Row) {
		words[r.Int(0)] = view.Clean(r.Text(1))
	})
	if err != nil && !view.Passing(err) {
		b.Lost = append(b.Lost, err) // what refers to it is there all the same
		err = nil
	}
	return words, err
}

// readGroups reads the lists that people are in.
func (b *book) readGroups(ctx context.Context, db *view.Database) error {
	places := map[int64]int{}
	err := b.Table(ctx, db, "ABGroup", []string{"Name"}, []string{"rowid", "Name", "StoreID"}, func(r view.Row) {
		places[r.Int(0)] = len(b.groups)
		b.groups = append(b.groups, group{id: r.Int(0), name: view.Clean(r.Text(1)), store: r.Int(2)})
	})
	if err != nil {
		return err
	}
	const person, list = 0, 1 // member_type
	err = b.Table(ctx, db, "ABGroupMembers", []string{"group_id", "member_id"}, []string{"group_id", "member_id", "member_type"}, func(r view.Row) {
		at, known := places[r.Int(0)]
		switch {
		case !known:
		case r.Int(2) == person:
			b.groups[at].people = append(b.groups[at].people, r.Int(1))
		case r.Int(2) == list:
			b.groups[at].groups = append(b.groups[at].groups, r.Int(1))
		}
	})
	if errors.Is(err, view.ErrSchema) {
		b.groups = nil // who is in them is not known
	}
	return err
}
