#!/bin/sh -eu
make
./app "$@"
