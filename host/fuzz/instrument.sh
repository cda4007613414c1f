#!/bin/sh
# Stands between cargo and rustc for the crates of this workspace only, so that coverage is counted in our parsers while
# what they depend on is built once and shared with every other build.
exec "$@" -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
