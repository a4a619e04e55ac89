// What Swift needs of libhdf5 beyond its functions: macros and versioned names don't import, so each
// one in use has a static inline function here.
#pragma once

// Newer libraries (1.12, 1.14) then offer the names and structures of 1.10.
#define H5_USE_110_API 1
#include <hdf5.h>
#include <hdf5_hl.h>

#define CHDF5_VALUE(type, name, value) \
    static inline type CHDF5_##name(void) { return (value); }

// Property lists and special identifiers
CHDF5_VALUE(hid_t, DEFAULT, H5P_DEFAULT)
CHDF5_VALUE(hid_t, ERROR_STACK, H5E_DEFAULT)
CHDF5_VALUE(hid_t, ALL, H5S_ALL)
CHDF5_VALUE(hsize_t, UNLIMITED, H5S_UNLIMITED)
CHDF5_VALUE(haddr_t, UNDEFINED_ADDRESS, HADDR_UNDEF)
CHDF5_VALUE(hid_t, FILE_ACCESS, H5P_FILE_ACCESS)
CHDF5_VALUE(hid_t, FILE_CREATE, H5P_FILE_CREATE)
CHDF5_VALUE(hid_t, GROUP_CREATE, H5P_GROUP_CREATE)
CHDF5_VALUE(hid_t, DATASET_CREATE, H5P_DATASET_CREATE)
CHDF5_VALUE(hid_t, DATASET_ACCESS, H5P_DATASET_ACCESS)
CHDF5_VALUE(hid_t, DATASET_TRANSFER, H5P_DATASET_XFER)

// Flags
CHDF5_VALUE(unsigned, READ_ONLY, H5F_ACC_RDONLY)
CHDF5_VALUE(unsigned, READ_WRITE, H5F_ACC_RDWR)
CHDF5_VALUE(unsigned, TRUNCATE, H5F_ACC_TRUNC)
CHDF5_VALUE(unsigned, OPEN_OBJECTS, H5F_OBJ_LOCAL | H5F_OBJ_GROUP | H5F_OBJ_DATASET | H5F_OBJ_ATTR | H5F_OBJ_DATATYPE)
CHDF5_VALUE(unsigned, IMAGE_IN_PLACE, H5LT_FILE_IMAGE_DONT_COPY | H5LT_FILE_IMAGE_DONT_RELEASE)
CHDF5_VALUE(int, MAX_RANK, H5S_MAX_RANK)

// Element types as they are stored: little-endian, but for the one that tests need
CHDF5_VALUE(hid_t, F32, H5T_IEEE_F32LE)
CHDF5_VALUE(hid_t, F32_BIG_ENDIAN, H5T_IEEE_F32BE)
CHDF5_VALUE(hid_t, F64, H5T_IEEE_F64LE)
CHDF5_VALUE(hid_t, I8, H5T_STD_I8LE)
CHDF5_VALUE(hid_t, I16, H5T_STD_I16LE)
CHDF5_VALUE(hid_t, I32, H5T_STD_I32LE)
CHDF5_VALUE(hid_t, I64, H5T_STD_I64LE)
CHDF5_VALUE(hid_t, U8, H5T_STD_U8LE)
CHDF5_VALUE(hid_t, U16, H5T_STD_U16LE)
CHDF5_VALUE(hid_t, U32, H5T_STD_U32LE)
CHDF5_VALUE(hid_t, U64, H5T_STD_U64LE)
CHDF5_VALUE(hid_t, C_STRING, H5T_C_S1)
CHDF5_VALUE(size_t, VARIABLE, H5T_VARIABLE)

// Filters
CHDF5_VALUE(int, FILTER_DEFLATE, H5Z_FILTER_DEFLATE)
CHDF5_VALUE(int, FILTER_SHUFFLE, H5Z_FILTER_SHUFFLE)
CHDF5_VALUE(int, FILTER_FLETCHER32, H5Z_FILTER_FLETCHER32)

// Functions that a newer library renames by macro
static inline herr_t CHDF5_iterate_links(hid_t group, H5L_iterate_t visit, void *context)
{
    hsize_t position = 0;
    // In the order of the file: sorting in the library follows what a damaged heap of names says.
    return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &position, visit, context);
}

static inline herr_t CHDF5_link_info(hid_t group, const char *name, H5L_info_t *info)
{
    return H5Lget_info(group, name, info, H5P_DEFAULT);
}

// The kind of an object and its address, by which two paths to the same object are recognised.
static inline herr_t CHDF5_object_info(
    hid_t location, const char *name, H5O_type_t *type, haddr_t *address)
{
    H5O_info_t info;
    herr_t status = H5Oget_info_by_name(location, name, &info, H5P_DEFAULT);
    if (status >= 0) {
        *type = info.type;
        *address = info.addr;
    }
    return status;
}

// Lets the cache of metadata grow, and write nothing, until the file is flushed.
static inline herr_t CHDF5_hold_metadata(hid_t file)
{
    H5AC_cache_config_t settings;
    settings.version = H5AC__CURR_CACHE_CONFIG_VERSION;
    if (H5Fget_mdc_config(file, &settings) < 0) return -1;
    // Evictions can only be off where the cache's size is fixed.
    settings.evictions_enabled = 0;
    settings.incr_mode = H5C_incr__off;
    settings.flash_incr_mode = H5C_flash_incr__off;
    settings.decr_mode = H5C_decr__off;
    return H5Fset_mdc_config(file, &settings);
}

// glibc declares it to those that ask for its extensions
extern int sync_file_range(int descriptor, __off64_t offset, __off64_t count, unsigned int flags);

// Begins to move to the disk what was written of a file, without waiting for it
static inline int CHDF5_begin_writeback(int descriptor)
{
    const unsigned int write = 2;  // SYNC_FILE_RANGE_WRITE
    return sync_file_range(descriptor, 0, 0, write);
}
