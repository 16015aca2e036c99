# make demo   builds ibfs, makes a small encrypted backup and mounts it
# make test   runs every test
# make check  is what CI runs
#
# Each installs what it needs and this machine lacks; see docs/testing.md.

SHELL = /bin/bash
PREFIX ?= /usr/local
DEST = $(DESTDIR)$(PREFIX)
DEMO ?= $(HOME)/ibfs-demo
FUZZTIME ?= 5s
GO ?= go
TOOLS = $(or $(IBFS_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ibfs-tools)
LINT = $(TOOLS)/golangci-lint/golangci-lint
GOTEST = $(GO) run .ci/gotest.go -count=1 -timeout 20m

# Where goroutines share something: the race detector pays there.
RACE = ./backupfmt/... ./capture/... ./fs ./fs/control ./fs/snaptree ./fs/vtree/... ./fs/view ./fs/view/people ./fs/view/photos \
	./cmd/ibfs/internal/daemon ./cmd/ibfs/internal/export ./cmd/ibfs/internal/passwd

.PHONY: build
build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ibfs ./cmd/ibfs

.PHONY: demo
demo: build
	@.ci/install demo
	@.ci/demo bin/ibfs "$(DEMO)"

.PHONY: test
test:
	@.ci/install test
	$(GOTEST) ./...

.PHONY: race
race:
	@.ci/install test
	$(GOTEST) -short -race $(RACE)

# The FUSE server on one thread: what waits for itself there hangs.
.PHONY: oneproc
oneproc:
	@.ci/install test
	GOMAXPROCS=1 $(GOTEST) -short ./fs

.PHONY: fuzz
fuzz:
	FUZZTIME=$(FUZZTIME) .ci/fuzz

.PHONY: vet
vet:
	@files=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$files" ] || { echo "not gofmt'ed:" $$files; exit 1; }
	$(GO) vet ./... && $(GO) vet .ci/gotest.go

.PHONY: lint
lint:
	@.ci/install lint
	$(LINT) run --allow-parallel-runners ./...

.PHONY: cross
cross:
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64; do \
		echo "build $$target"; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} $(GO) build -trimpath ./... || exit 1; \
	done
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 $(GO) vet ./...

.PHONY: bench
bench:
	@.ci/install bench
	$(GO) run ./cmd/ibfs-bench

# The tests come last: they end with what was skipped.
.PHONY: check
check: FUZZTIME = 1s
check: vet lint cross race oneproc fuzz test

.PHONY: install
install: build
	bin/ibfs gendocs bin/docs
	install -d $(DEST)/bin $(DEST)/sbin $(DEST)/share/man/man1 $(DEST)/share/bash-completion/completions \
		$(DEST)/share/zsh/site-functions $(DEST)/share/fish/vendor_completions.d
	install -m 755 bin/ibfs $(DEST)/bin/
	ln -sf ../bin/ibfs $(DEST)/sbin/mount.fuse.ibfs
	install -m 644 bin/docs/man/*.1 $(DEST)/share/man/man1/
	install -m 644 bin/docs/completions/ibfs.bash $(DEST)/share/bash-completion/completions/ibfs
	install -m 644 bin/docs/completions/ibfs.zsh $(DEST)/share/zsh/site-functions/_ibfs
	install -m 644 bin/docs/completions/ibfs.fish $(DEST)/share/fish/vendor_completions.d/

.PHONY: clean
clean:
	rm -rf bin dist dist-docs
