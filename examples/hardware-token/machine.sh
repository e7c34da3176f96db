#!/usr/bin/env bash
# QEMU's name of the board for a target: `machine.sh TARGET`.
case $1 in
  thumbv7em-none-eabi) echo mps2-an386 ;; # Cortex-M4
  thumbv6m-none-eabi) echo mps2-an385 ;;  # Cortex-M3, which runs the instructions of a Cortex-M0
  *)
    echo "no board for $1: thumbv7em-none-eabi, thumbv6m-none-eabi" >&2
    exit 1
    ;;
esac
