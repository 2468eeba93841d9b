#ifndef CP_FILES_H
#define CP_FILES_H
#endif
