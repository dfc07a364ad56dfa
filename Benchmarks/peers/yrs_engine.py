"""Yrs, the port of Yjs that pycrdt binds: maps for records, a map of sums for usage."""

import random

import pycrdt

from engine import Replica, whole


class YrsReplica(Replica):
    title = "Yrs"
    package = "pycrdt"

    def __init__(self, number):
        super().__init__(number)
        self.document = pycrdt.Doc(client_id=random.Random(f"yrs {number}").getrandbits(32))
        self.profiles = self.document.get("profiles", type=pycrdt.Map)
        self.allocations = self.document.get("allocations", type=pycrdt.Map)
        self.usage = self.document.get("usage", type=pycrdt.Map)
        self.used = 0
        self.nothing = self.document.get_state()

    def load(self, profiles, allocations, time):
        with self.document.transaction():
            for profile, fields in profiles.items():
                self.profiles[profile] = pycrdt.Map(fields)
            for device, value in allocations.items():
                self.allocations[device] = value

    def set(self, profile, field, value, time):
        if profile in self.profiles:
            self.profiles[profile][field] = value
        else:
            self.profiles[profile] = pycrdt.Map({field: value})

    def allocate(self, device, value, time):
        self.allocations[device] = value

    def use(self, amount, time):
        self.used += amount
        self.usage[str(self.number)] = self.used

    def request(self):
        return self.document.get_state()

    def answer(self, request):
        # Equal states do not prove that there is nothing to send: they say nothing of deletions.
        # So the protocol of Yjs always answers, and so does this.
        return self.document.get_update(request)

    def take(self, answer):
        self.document.apply_update(answer)

    def push(self, write):
        parts = []
        subscription = self.document.observe(lambda event: parts.append(event.update))
        write()
        self.document.unobserve(subscription)
        return b"".join(parts)

    def is_empty(self):
        return self.document.get_state() == self.nothing

    def records(self):
        profiles = {
            profile: {field: whole(value) for field, value in fields.items()}
            for profile, fields in (self.profiles.to_py() or {}).items()
        }
        allocations = {
            device: whole(value) for device, value in (self.allocations.to_py() or {}).items()}
        usage = sum(int(value) for value in (self.usage.to_py() or {}).values())
        return profiles, allocations, usage
