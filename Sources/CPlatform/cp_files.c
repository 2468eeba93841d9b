#include "cp_files.h"
