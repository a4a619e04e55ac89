import CHDF5
import Testing

/// A file made with the C library directly, as another program or an attacker may write it.
///
/// Without the module's lock: the installed library has one of its own.
func makeForeignFile(_ path: String, _ body: (hid_t) -> Void) throws {
    let id = H5Fcreate(path, CHDF5_TRUNCATE(), CHDF5_DEFAULT(), CHDF5_DEFAULT())
    try #require(id >= 0)
    body(id)
    try #require(H5Fclose(id) >= 0)
}

/// Creates a dataset of floats with creation properties that `configure` sets.
func makeForeignDataset(
    in file: hid_t, _ name: String, _ sizes: [hsize_t], type: hid_t = CHDF5_F32(),
    writing values: [Float] = [], _ configure: (hid_t) -> Void = { _ in }
) {
    let list = H5Pcreate(CHDF5_DATASET_CREATE())
    configure(list)
    let space = H5Screate_simple(Int32(sizes.count), sizes, nil)
    let dataset = H5Dcreate2(
        file, name, type, space, CHDF5_DEFAULT(), list, CHDF5_DEFAULT())
    if !values.isEmpty {
        H5Dwrite(dataset, CHDF5_F32(), CHDF5_ALL(), CHDF5_ALL(), CHDF5_DEFAULT(), values)
    }
    H5Dclose(dataset)
    H5Sclose(space)
    H5Pclose(list)
}
