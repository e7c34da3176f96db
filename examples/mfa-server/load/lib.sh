# Functions that load.sh and compare.sh share: they print rows with the cost of requests. Source
# this file.
# shellcheck shell=bash

# ticks PID: prints the processor time of a process and its children in hundredths of a second.
# Children that have ended count too.
ticks() {
  local pid stat sum=0
  for pid in "$1" $(pgrep -P "$1"); do
    stat=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
    # After the name, the first field is the third field of the file. The times are the fields
    # 14 to 17.
    read -r -a stat <<<"${stat##*) }"
    sum=$((sum + stat[11] + stat[12] + stat[13] + stat[14]))
  done
  echo "$sum"
}

heading() {
  echo '| server | request | accounts | a second | p50 ms | p99 ms | server µs | database µs | answers |'
  echo '|---|---|---|---|---|---|---|---|---|'
}

# row NAME ACCOUNTS LIMIT FILE URL [TYPE [ORIGIN]]: sends requests from core 1 for $seconds, or
# until LIMIT answers came (0: no limit). Prints the cost for the process $server, and for the
# process $database if it is set. Sets $answered to the number of answers.
row() {
  local before_server before_database result rate p50 p99 statuses
  before_server=$(ticks "$server")
  before_database=${database:+$(ticks "$database")}
  result=$(taskset -c 1 wrk -t1 -c16 -d "${seconds}s" --timeout 10s -s load/wrk.lua "$5" -- \
    "$4" "${6:-application/json}" "$3" ${7:+"$7"} | sed -n 's/^RESULT //p')
  read -r answered rate p50 p99 statuses <<<"$result"
  awk -v OFS=' | ' -v name="| $label | $1" -v accounts="$2" -v limit="$3" -v n="$answered" -v rate="$rate" -v p50="$p50" -v p99="$p99" \
    -v server=$(($(ticks "$server") - before_server)) -v statuses="$statuses" \
    -v database="${database:+$(($(ticks "$database") - before_database))}" 'BEGIN {
      if (n == 0) n = 1
      # wrk counts the whole time even if it stopped earlier.
      over = limit > 0 && n >= limit ? "over " : ""
      print name, accounts, over sprintf("%.0f", rate), sprintf("%.1f", p50), sprintf("%.1f", p99),
        sprintf("%.0f", server * 10000 / n), database == "" ? "in it" : sprintf("%.0f", database * 10000 / n), statuses " |"
    }'
}
