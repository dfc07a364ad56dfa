#!/usr/bin/env bash
# Checks that the small peer of this folder and `caravan` understand each other.
#
# usage: check.sh [folder with the built tools]      (default: .build/release)
#
# Every check prints a line; the first that fails ends everything with status 1.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$(cd "${1:-$root/.build/release}" && pwd)
scratch=$root/.build/conformance
work=$(mktemp -d "${TMPDIR:-/tmp}/caravan-conformance.XXXXXX")
export CARAVAN_RUNTIME_DIR=$work/runtime CARAVAN_STATE_DIR=$work/marks
export PYTHONDONTWRITEBYTECODE=1
mkdir "$CARAVAN_RUNTIME_DIR" "$CARAVAN_STATE_DIR"
current="setting up"

finish() {
    status=$?
    # Of its own processes only those that still run: the number of another may be somebody else's.
    for child in $(jobs -pr); do kill "$child" 2>/dev/null || true; done
    wait
    if [ "$status" -ne 0 ]; then
        echo "FAILED: $current" >&2
        for log in "$work"/*.log; do
            if [ -s "$log" ]; then sed "s|^|    ${log##*/}: |" "$log" >&2; fi
        done
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT

python=$scratch/venv/bin/python
mkdir -p "$scratch"
sh "$root/.ci/python" "$scratch/venv" "$here/requirements.txt"

step() { current=$1; }
passed() { echo "ok: $current"; }
fail() { echo "$1" >&2; exit 1; }

caravan() { "$tools/caravan" "$@" >>"$work/caravan.log"; }
peer() { timeout 60 "$python" "$here/peer.py" "$@" >"$work/peer.log"; }
state() { echo "$work/$1.json"; }

# Repeats a command until it succeeds, as long as a process lives.
eventually() { # PROCESS COMMAND...
    local child=$1 end=$((SECONDS + 60))
    shift
    until "$@"; do
        kill -0 "$child" || fail "the process ended"
        [ "$SECONDS" -lt "$end" ] || fail "nothing came within a minute"
    done
}

fleet_of() { # STORE
    "$tools/caravan" status --store "$work/$1" --json | sed 's/.*"fleet" *: *"\([0-9a-f]*\)".*/\1/'
}

# Waits for the line that says where a process listens, and prints the port.
port_of() { # LOG PROCESS
    eventually "$2" grep -q '^listening on .*:[0-9][0-9]*$' "$1"
    sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$1"
}

serve() { # STORE: sets $port and $server
    : >"$work/serve.log"
    "$tools/caravan" serve --store "$work/$1" --listen 127.0.0.1:0 >"$work/serve.log" 2>&1 &
    server=$!
    port=$(port_of "$work/serve.log" "$server")
}

stop() {
    kill "$server"
    wait "$server" || true
}

answer() { # STATE OPTION...: a peer that answers one connection; sets $port and $server
    local name=$1
    shift
    : >"$work/answer.log"
    timeout 60 "$python" "$here/peer.py" serve --state "$(state "$name")" --verbose "$@" \
        >"$work/answer.log" 2>&1 &
    server=$!
    port=$(port_of "$work/answer.log" "$server")
}

sync() { # STATE OPTION...
    local name=$1
    shift
    peer sync 127.0.0.1 "$port" --state "$(state "$name")" --verbose "$@"
}

# Whether a peer's state is what sync-inspect says of a replica: digest, clock, cells, profiles.
same() { # STATE STORE
    "$tools/sync-inspect" summary "$work/$2" --json >"$work/summary.json"
    "$python" "$here/compare.py" "$(state "$1")" "$work/summary.json"
}

# Lets a peer believe in a common state that never was; lets it forget them all.
confuse_common() { edit "$1" 'for states in state["common"].values():
    for common in states: common["digest"] = "00000000deadbeef"'; }
forget_common() { edit "$1" 'state["common"] = {}'; }

edit() { # STATE CODE
    "$python" - "$(state "$1")" "$2" <<'P'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    state = json.load(file)
exec(sys.argv[2])
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(state, file)
P
}

# Changes cells behind everybody's back, and forgets which states were common ones.
damage() { # STATE CODE
    PYTHONPATH=$here "$python" - "$(state "$1")" "$2" <<'P'
import dataclasses, sys
from caravan_peer import store
replica = store.load(sys.argv[1])
replica.common.clear()
exec(sys.argv[2])
store.save(replica, sys.argv[1])
P
}

said() { grep -q -- "$2" "$work/$1.log" || fail "$1 did not say: $2"; }

# MARK: Units

step "units: hashes, range code, forms, merging, resumption in memory"
"$python" "$here/test_peer.py" >"$work/units.log" 2>&1
passed

# MARK: Both ways

caravan init --store "$work/phone" --name phone --class phone
fleet=$(fleet_of phone)
for number in 1 2 3; do
    caravan profile add 899999900000000101$number --nickname "Japan $number" --apn internet \
        --roaming true --store "$work/phone"
done
caravan usage record 25MB --sent 1MB --country JP --store "$work/phone"
caravan pool grant 20GB --store "$work/phone"

step "the peer opens a connection and knows nothing; both write"
serve phone
sync small --fleet "$fleet" --set 16 8999990000000001019 1 Small --lane settings
said peer "hello against nothing"
same small phone
passed

step "both have changed: a greeting against the common state, an early segment"
caravan profile set 8999990000000001019 nickname='of the phone' --store "$work/phone"
caravan usage record 3MB --country JP --store "$work/phone"
sync small --set 16 8999999000000001012 1 'of the peer'
said peer "hello against a common state, 1 following"
same small phone
passed

step "nothing has changed: greetings alone"
sync small
if grep -q chunk "$work/peer.log"; then fail "something was sent"; fi
same small phone
passed

step "deletions of both sides, counters, and cells of kinds that the device has no schema for"
caravan profile remove 8999999000000001011 --store "$work/phone"
sync small --remove 16 8999999000000001013 --sibling 900 shelf 2 novel 'read it' \
    --count 901 shelf 3 1234567890123
same small phone
passed

step "another peer gets all of it from the device, and writes beside its sibling"
sync other --fleet "$fleet" --sibling 900 shelf 2 novel 'read it twice'
same other phone
sync small
same small phone
edit small 'assert ["text:read it", "text:read it twice"] == sorted(
    cell["value"] for cell in state["cells"]
    if cell["kind"] == "sibling" and cell["collection"] == 900)'
passed

# MARK: References

step "a state that the device does not know: it asks to be greeted again"
confuse_common small
sync small --set 16 8999999000000001012 2 'after forgetting' --fill 300
said peer "sends hello against a common state, 1 following"
said peer "received hello against nothing"
said peer "sends hello against the other's hello"
same small phone
stop
passed

# MARK: The device opens

step "the device opens the connection, and knows nothing of the peer"
answer small --set 16 8999999000000001012 2 'answered'
caravan profile set 8999999000000001012 apn=dialled --store "$work/phone"
caravan sync "127.0.0.1:$port" --store "$work/phone"
wait "$server"
said answer "received hello against nothing"
same small phone
passed

step "the device opens it again, against the common state"
answer small
"$tools/caravan" serve --store "$work/phone" --listen 127.0.0.1:0 --peer "127.0.0.1:$port" \
    >"$work/dial.log" 2>&1 &
dialler=$!
wait "$server"
caravan profile set 8999999000000001012 apn=again --store "$work/phone"
answer small --port "$port" --set 16 8999999000000001012 2 'answered again'
wait "$server"
said answer "received hello against a common state, 1 following"
same small phone
passed

step "the device opens it against a state that the peer does not know"
forget_common small
caravan profile set 8999999000000001012 apn=unknown --store "$work/phone"
answer small --port "$port" --set 16 8999999000000001012 2 'asked again'
wait "$server"
said answer "received hello against a state that is not known here"
kill "$dialler"
wait "$dialler" || true
same small phone
passed

# MARK: Cuts

step "a connection that breaks in the middle of what the device sends is resumed"
serve phone
peer write --state "$(state third)" --fleet "$fleet"
sync third --cut-after-chunks 3
said peer '^cut$'
sync third
said peer "sends hello.* [1-9][0-9]* staged"
same third phone
passed

step "a connection that breaks in the middle of what the peer sends is resumed"
sync small
peer write --state "$(state small)" --fill 1200
sync small --cut-after-bytes 1500
said peer '^cut$'
sync small --patient
said peer "received hello.* [1-9][0-9]* staged"
sent=$(awk '/^sends chunk of settings/ { sum += $5 } END { print sum }' "$work/peer.log")
if [ "$sent" -ge 2000 ]; then fail "$sent cells were sent, as if nothing was there"; fi
same small phone
passed

step "a byte that changes on the way is refused as damaged, and nothing else happens"
peer write --state "$(state small)" --set 16 8999999000000001012 1 'damaged at first'
cp "$(state small)" "$work/before.json"
"$tools/sync-inspect" summary "$work/phone" --json >"$work/before-summary.json"
for byte in 45 70; do # of the hello, and of the segment that follows it
    if sync small --flip-byte "$byte" 2>"$work/refused.log"; then fail "it was not refused"; fi
    said refused "the other side refused: damaged"
done
cmp "$(state small)" "$work/before.json"
"$tools/sync-inspect" summary "$work/phone" --json >"$work/summary.json"
cmp "$work/summary.json" "$work/before-summary.json"
sync small
same small phone
passed

step "another fleet is refused"
if sync stranger --fleet cafe0000000000000000000000000001 2>"$work/refused.log"; then
    fail "it was not refused"
fi
said refused "the other side refused: otherFleet"
passed

# MARK: Forgetting

step "a cut that all members acknowledge becomes the frontier of both"
sync small --propose settings
sync small
sync small
edit small 'assert state["frontier"]["settings"]'
same small phone
passed

step "a peer that has not seen the frontier takes a snapshot, and keeps what it wrote"
sync fourth --fleet "$fleet" --set 16 8999990000000009999 1 'of the fourth'
said peer "received chunk of settings.* first of a snapshot"
same fourth phone
stop
passed

step "a device that has not seen the frontier takes a snapshot of the peer"
caravan init --store "$work/laptop" --name laptop --class laptop --fleet "$fleet"
caravan profile add 8999990000000008888 --nickname laptop --store "$work/laptop"
answer fourth
caravan sync "127.0.0.1:$port" --store "$work/laptop"
wait "$server"
said answer "sends chunk of settings.* first of a snapshot"
same fourth laptop
passed

# MARK: Repair

step "cells that the peer has lost come back, whoever opens the connection"
caravan init --store "$work/shelf" --name shelf --class phone
fleet=$(fleet_of shelf)
serve shelf
sync broken --fleet "$fleet" --fill 40
damage broken 'for cell in replica.cells(1, 16)[:50]: replica.drop(cell)'
sync broken
said peer "received repair: more"
said peer "received repair: difference.* 50 cells"
same broken shelf
stop
damage broken 'for cell in replica.cells(1, 16)[:50]: replica.drop(cell)'
answer broken
caravan sync "127.0.0.1:$port" --store "$work/shelf"
wait "$server"
said answer "sends repair: difference.* 50 wanted"
same broken shelf
passed

step "of two contents of one write both keep the greater, whoever has it"
serve shelf
for value in 'cell.value[:-1]' 'cell.value + b"!"'; do
    damage broken "cell = replica.cells(1, 16)[1]
replica.keep(dataclasses.replace(cell, value=$value))"
    sync broken
    said peer "repair is over"
    same broken shelf
done
grep -q 'GB!' "$(state broken)"
stop
passed

# MARK: Allowances

step "the device sends no more than it is allowed to, and goes on the next time"
serve phone
fleet=$(fleet_of phone)
refused=0
until sync poor --fleet "$fleet" --allowance 2000 2>"$work/refused.log"; do
    said refused "the other side refused: budgetSpent"
    refused=$((refused + 1))
    [ "$refused" -lt 20 ] || fail "it does not come to an end"
done
[ "$refused" -gt 0 ] || fail "everything was sent at once"
same poor phone
stop
passed

step "the peer sends no more than the device allows"
peer write --state "$(state poor)" --lane usage --fill 2000
refused=0
while true; do
    answer poor
    "$tools/caravan" sync "127.0.0.1:$port" --store "$work/phone" --budget 4kB \
        >>"$work/caravan.log" 2>&1 || true
    if wait "$server"; then break; fi
    said answer "^peer.py: budgetSpent"
    refused=$((refused + 1))
    [ "$refused" -lt 20 ] || fail "it does not come to an end"
done
[ "$refused" -gt 0 ] || fail "everything was sent at once"
same poor phone
passed

# MARK: A lasting connection

step "a device that stays connected hears of what the peer brings"
serve phone
: >"$work/laptop.log"
"$tools/caravan" serve --store "$work/laptop" --listen 127.0.0.1:0 --peer "127.0.0.1:$port" \
    >"$work/laptop.log" 2>&1 &
laptop=$!
eventually "$laptop" grep -q "synced with" "$work/laptop.log"
sync small --set 16 8999990000000007777 1 'for both'
arrived() { "$tools/caravan" profile list --store "$work/laptop" | grep -q 'for both'; }
eventually "$laptop" arrived
passed

stop

# MARK: Chance

# What is forgotten when depends on who is met when; what counts does not.
step "forty meetings by chance, many of them cut off, some at a frontier"
caravan init --store "$work/watch" --name watch --class watch
fleet=$(fleet_of watch)
serve watch
seed=${CARAVAN_SEED:-$RANDOM}
timeout 300 "$python" "$here/meetings.py" "$port" "$fleet" "$work" "$seed" >"$work/peer.log" \
    || fail "seed $seed: CARAVAN_SEED=$seed repeats the choices"
"$tools/sync-inspect" summary "$work/watch" --json >"$work/summary.json"
for place in 0 1; do
    "$python" "$here/compare.py" "$work/met$place.json" "$work/summary.json" \
        digest clock seen violations || fail "seed $seed"
done
passed

step "whatever a peer loses or changes by chance, it is level with the device after a repair"
timeout 120 "$python" "$here/damages.py" "$port" "$fleet" "$seed" >"$work/peer.log" \
    || fail "seed $seed: CARAVAN_SEED=$seed repeats the choices"
passed

echo "all checks passed"
