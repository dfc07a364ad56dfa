"""What a sync engine has to offer to take part in the comparison."""


class Replica:
    """One device's copy of the records of a trace.

    An adapter derives from it and gives its engine the best chance: the types that fit the records
    best, the smallest form in which a state can be handed over, and nothing that need not be sent.
    """

    #: What the engine is called in the table.
    title = ""
    #: The package that has it.
    package = ""

    def __init__(self, number):
        self.number = number

    # Each of these is one transaction; `time` is the device's wall clock in milliseconds.

    def load(self, profiles, allocations, time):
        raise NotImplementedError

    def set(self, profile, field, value, time):
        raise NotImplementedError

    def allocate(self, device, value, time):
        raise NotImplementedError

    def use(self, amount, time):
        raise NotImplementedError

    # An exchange: one replica sends its request, the other answers it.

    def request(self):
        """Says what this replica has."""
        raise NotImplementedError

    def answer(self, request):
        """What the sender of a request lacks; no bytes if that is nothing."""
        raise NotImplementedError

    def take(self, answer):
        """Takes in what an answer, or a push, carries."""
        raise NotImplementedError

    def push(self, write):
        """Performs a write and returns what a peer lacks that had everything before."""
        raise NotImplementedError

    def is_empty(self):
        """Whether nothing has ever been written or taken in."""
        raise NotImplementedError

    def bootstraps(self):
        """Other forms of the whole state that an empty replica can take in."""
        return []

    def take_bootstrap(self, state):
        """Takes in one of `bootstraps`."""
        self.take(state)

    def records(self):
        """The records: profiles, allocations, and the usage of all devices."""
        raise NotImplementedError


def whole(value):
    """A number as the trace has it, where an engine makes all numbers floating."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
