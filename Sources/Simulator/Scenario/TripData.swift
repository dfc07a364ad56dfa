import Foundation

/// Finds the data of a trip and reads it; mistakes stand at the keys of the scenario file.
struct TripData {
    private let itinerary: ScenarioNode
    private let folder: String

    /// Looks for the folder.
    ///
    /// - Parameters:
    ///   - itinerary: the id of the itinerary in the scenario file.
    ///   - folder: where the file says its data is, relative to itself, if it does.
    /// - Throws: `InputError` where there is no such folder with data.
    init(for itinerary: ScenarioNode, folder: ScenarioNode?) throws(InputError) {
        self.itinerary = itinerary
        let home = URL(filePath: itinerary.file).deletingLastPathComponent()
        let candidates: [URL]
        if let folder {
            let name = try folder.line("the folder of data", limit: 1024)
            candidates = [name.hasPrefix("/") ? URL(filePath: name) : home.appending(path: name)]
        } else {
            candidates = [home.appending(path: "data"), URL(filePath: "Simulations/data")]
        }
        let found = candidates.map { $0.standardized.path(percentEncoded: false) }.first { path in
            FileManager.default.fileExists(atPath: path + "/" + TripData.itineraries)
        }
        guard let found else {
            let looked = candidates.map { $0.standardized.path(percentEncoded: false) }
            let advice = folder == nil ? "; 'data' beside it names another folder" : ""
            throw (folder ?? itinerary).mistake(
                "found no \(TripData.itineraries) in \(looked.joined(separator: " or "))" + advice)
        }
        self.folder = found
    }

    /// Reads the itinerary and the table of networks.
    func trip() throws(InputError) -> Scenario.Trip {
        let id = try itinerary.text("the id of an itinerary")
        do {
            return Scenario.Trip(
                itinerary: try Itinerary.load(id: id, path: folder + "/" + TripData.itineraries),
                operators: try Operators.load(path: folder + "/plmn.tsv"))
        } catch {
            throw itinerary.mistake(error.reason)
        }
    }

    private static let itineraries = "itineraries.json"
}
