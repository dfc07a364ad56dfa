"""Loro: maps for records, and its counter for usage."""

import random

import loro

from engine import Replica, whole


class LoroReplica(Replica):
    title = "Loro"
    package = "loro"

    def __init__(self, number):
        super().__init__(number)
        self.document = loro.LoroDoc()
        self.document.peer_id = random.Random(f"loro {number}").getrandbits(63)
        self.profiles = self.document.get_map("profiles")
        self.allocations = self.document.get_map("allocations")
        self.containers = {}

    def container(self, profile):
        found = self.containers.get(profile)
        if found is None:
            place = [loro.Index.Key("profiles"), loro.Index.Key(profile)]
            held = self.document.get_by_path(place)
            if held is None:
                found = self.profiles.insert_container(profile, loro.LoroMap())
            else:
                found = held.container
            self.containers[profile] = found
        return found

    def load(self, profiles, allocations, time):
        for profile, fields in profiles.items():
            container = self.profiles.insert_container(profile, loro.LoroMap())
            for field, value in fields.items():
                container.insert(field, value)
        for device, value in allocations.items():
            self.allocations.insert(device, value)
        self.document.commit()

    def set(self, profile, field, value, time):
        self.container(profile).insert(field, value)
        self.document.commit()

    def allocate(self, device, value, time):
        self.allocations.insert(device, value)
        self.document.commit()

    def use(self, amount, time):
        # Not asked for before it is needed: a document that has it does not import a state alone.
        self.document.get_counter("usage").increment(amount)
        self.document.commit()

    def request(self):
        return self.document.oplog_vv.encode()

    def answer(self, request):
        theirs = loro.VersionVector.decode(request)
        if theirs.includes_vv(self.document.oplog_vv):
            return b""
        return self.document.export(loro.ExportMode.Updates(theirs))

    def take(self, answer):
        self.document.import_(answer)

    def push(self, write):
        parts = []

        def note(update):
            parts.append(bytes(update))
            return True

        subscription = self.document.subscribe_local_update(note)
        write()
        subscription.unsubscribe()
        return b"".join(parts)

    def is_empty(self):
        return self.document.oplog_vv.includes_vv(loro.VersionVector()) and (
            loro.VersionVector().includes_vv(self.document.oplog_vv))

    def bootstraps(self):
        modes = loro.ExportMode
        return [
            self.document.export(modes.Snapshot()),
            self.document.export(modes.ShallowSnapshot(self.document.state_frontiers)),
            self.document.export(modes.StateOnly(None)),
        ]

    def records(self):
        state = self.document.get_deep_value()
        profiles = {
            profile: {field: whole(value) for field, value in fields.items()}
            for profile, fields in state.get("profiles", {}).items()
        }
        allocations = {
            device: whole(value) for device, value in state.get("allocations", {}).items()}
        return profiles, allocations, int(state.get("usage", 0))
