import FleetModel
import ReplicaModel

/// What an app keeps besides profiles and the pool: a scenario's records, each a value of which
/// all are kept that were written at once.
enum ScenarioRecords: RowCollection {
    static let id: CollectionID = 1026
    static let name = "scenario-records"
    static let rows = NaturalRows<String>("record")
    static let value = Field<ScenarioRecords, MultiValue<String>>(1, "value")
    static let fields: [any FieldOf<ScenarioRecords>] = [value]
}

/// The rights of a scenario; holders are devices by their index.
enum ScenarioRights: RowCollection {
    static let id: CollectionID = 1027
    static let name = "scenario-rights"
    static let lane = Lane.control
    static let rows = NaturalRows<String>("right")
    static let holder = Field<ScenarioRights, Exclusive<Int>>(1, "holder")
    static let fields: [any FieldOf<ScenarioRights>] = [holder]
}
