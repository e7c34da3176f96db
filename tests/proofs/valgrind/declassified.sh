#!/usr/bin/env bash
# declassified.sh SRC TABLE: whether the places in SRC that make a secret public are those of TABLE, by
# file, function and number of calls. Prints what differs: < is listed only, > is in the source only.
set -euo pipefail
src=$1 table=$2

listed() {
  # shellcheck disable=SC2016 # no expansions
  sed -nE 's/^\| `(src[^`]*)` \| `([^`]*)` \| ([0-9]+) \|.*/\1 \2 \3/p' "$table"
}

# A name that is passed on without a call counts as well. Tests and comments do not, nor do imports, but
# for one under another name.
found() {
  cd "$src/.."
  find src -name '*.rs' -exec awk '
    FNR == 1 { tests = imports = 0; fn = "" }
    /^#\[cfg\(test\)\]/ { tests = 1 }
    tests || /^ *\/\// { next }
    /^ *(pub(\([a-z]+\))? )?use / { imports = 1 }
    imports {
      if (/(reveal|equal_bytes) as /) calls[FILENAME " (renamed)"]++
      if (/;/) imports = 0
      next
    }
    match($0, /fn [a-z_0-9]+/) { fn = substr($0, RSTART + 3, RLENGTH - 3) }
    {
      sub(/fn (reveal|equal_bytes)/, "")
      n = gsub(/(^|[^A-Za-z0-9_])(reveal|equal_bytes)([^A-Za-z0-9_]|$)/, "")
      if (n) calls[FILENAME " " fn] += n
    }
    END { for (place in calls) print place, calls[place] }
  ' {} +
}

diff <(listed | sort) <(found | sort)
