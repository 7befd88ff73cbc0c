#!/usr/bin/env bash
# Runs the program under `ulimit -v`, from too little to be loaded up to plenty, in small steps at
# first. Rule: wherever it comes so far as to call the library, each call gives its documented answer.
#
# Arguments: the program; what it says where the allocator itself fails it with less than 32 MiB
# (docs/backends.md), or nothing.
program=$1 own_end=$2
entered=0 ended=0 kib=2048

while [ $kib -lt 400000 ]; do
    said=$( (ulimit -v $kib && "$program" little-address-space in-main) 2>&1)
    status=$?
    case $said in
    *entered*)
        entered=$((entered + 1))
        if [ $status != 0 ]; then
            case $said in
            *"${own_end:-no such words}"*) [ $kib -lt 32768 ] && ended=$((ended + 1)) && status=0 ;;
            esac
        fi
        [ $status = 0 ] || { echo "under ulimit -v $kib: $said" && exit 1; }
        ;;
    esac
    if [ $kib -lt 24576 ]; then kib=$((kib + 512)); else kib=$((kib + kib / 4)); fi
done
echo "$entered limits under which the program came to call the library; the allocator itself failed at $ended"
[ $entered -gt 10 ] || { echo "that is too few to be true"; exit 1; }
