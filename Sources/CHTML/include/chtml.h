// What the reader of pages needs of C: gumbo's tree, bounded in memory and time, and iconv.
#ifndef CHTML_H
#define CHTML_H

#include <gumbo.h>
#include <stddef.h>
#include <stdint.h>

#define CHTML_OK 0
#define CHTML_TOO_LARGE 1
#define CHTML_TOO_LONG 2
#define CHTML_NO_MEMORY 3

typedef struct chtml_tree chtml_tree;

/// Parses UTF-8. The text has to stay where it is for as long as the tree is looked at.
///
/// gumbo bounds neither what it allocates nor how long it takes, and it frees a tree by recursion, as deep as the page
/// is nested. So everything it allocates lies in an arena of ours: at the limit of bytes or time the parse is left from
/// within the allocator, and a tree is freed as a whole.
///
/// @param memory Bytes that the parser may allocate.
/// @param nanoseconds How long it may take.
int chtml_parse(
    const char *text, size_t length, size_t memory, uint64_t nanoseconds, chtml_tree **tree);

const GumboNode *chtml_document(const chtml_tree *tree);

void chtml_free(chtml_tree *tree);

/// Decodes bytes of a character set that iconv knows into UTF-8; what is no character becomes U+FFFD.
///
/// @param output Room for at least 3 bytes for each byte of input and 16 more.
/// @return Bytes written, or -1 when the set is not known here.
int64_t chtml_decode(
    const char *charset, const unsigned char *input, size_t length, unsigned char *output, size_t room);

#endif
