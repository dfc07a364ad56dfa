// One import is enough: the modules whose types stand in the signatures of this one.
@_exported public import CausalTime
@_exported public import FleetModel
@_exported public import ReplicaModel
@_exported public import ReplicaStore
@_exported public import SyncEngine
@_exported public import SyncTransport
