// The checksum of zip files.
#include <zlib.h>
