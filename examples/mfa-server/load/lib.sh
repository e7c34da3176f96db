# What load.sh and compare.sh share: rows of what requests cost. Source it.
# shellcheck shell=bash

# ticks PID: the processor time of a process and its children, those that have ended too, in hundredths of a second.
ticks() {
  local pid stat sum=0
  for pid in "$1" $(pgrep -P "$1"); do
    stat=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
    # After the name, the first field is the third of all. The times are the 14th to the 17th.
    read -r -a stat <<<"${stat##*) }"
    sum=$((sum + stat[11] + stat[12] + stat[13] + stat[14]))
  done
  echo "$sum"
}

heading() {
  echo '| server | request | accounts | a second | p50 ms | p99 ms | server µs | database µs | answers |'
  echo '|---|---|---|---|---|---|---|---|---|'
}

# row NAME ACCOUNTS LIMIT FILE URL [TYPE [ORIGIN]]: asks from core 1 for $seconds, or until so many answers came (0: no
# limit), and prints what it cost the process $server and the process $database, if there is one. $answered is how
# many answers there were.
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
      # wrk counts the whole time, also if it stopped earlier.
      over = limit > 0 && n >= limit ? "over " : ""
      print name, accounts, over sprintf("%.0f", rate), sprintf("%.1f", p50), sprintf("%.1f", p99),
        sprintf("%.0f", server * 10000 / n), database == "" ? "in it" : sprintf("%.0f", database * 10000 / n), statuses " |"
    }'
}
