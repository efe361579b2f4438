"""What can be wrong with a store, in words for the person who runs it."""


class StoreError(Exception):
    """The store cannot be used as asked; the message says why and what to do."""


class StoreVersionError(StoreError):
    """The store was written by a newer Liftgate than this one."""


class NoStoreError(StoreError):
    """There is no store at the address, and none was to be made."""


class StoreBusyError(StoreError):
    """Somebody else holds the lease; the message says who, and since when."""


class NoRunError(StoreError):
    """The run asked for is not there, or no refresh has completed yet."""
