# `make run` is the first command of a new user, `make test` everything that CI checks.
# Plain make and sh: the work itself is in scripts/ and in `cargo xtask`.
.POSIX:

CARGO = cargo

help:
	@echo 'make run      build, fetch the model, import the conversations of this machine, search once; installs if you agree'
	@echo 'make web      build the page, which a program that is built after that has in itself'
	@echo 'make install  put the program into ~/.local/bin, with completions and manual pages'
	@echo 'make test     every check that CI makes'
	@echo 'make bench    measure import and search on generated logs'
	@echo 'make docs     write the generated pages anew'
	@echo 'make tools    install the pinned checking tools into target/tools'

run:
	@sh scripts/run.sh

web:
	@sh scripts/web.sh build

install:
	@sh scripts/install.sh

test:
	@sh scripts/test.sh

bench:
	@sh scripts/bench.sh

docs:
	$(CARGO) build -p lorekeep
	$(CARGO) xtask docs

tools:
	@sh scripts/tools.sh

.PHONY: help run web install test bench docs tools
