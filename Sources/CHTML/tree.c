#include "chtml.h"

#include <setjmp.h>
#include <stdlib.h>
#include <time.h>

// Larger than nearly everything that is asked for; what is larger still gets a block of its own.
#define BLOCK (256u << 10)
// Looking at the clock costs as much as some allocations.
#define CLOCK_EVERY 64

struct block {
    struct block *next;
    _Alignas(16) unsigned char bytes[];
};

struct chtml_tree {
    struct block *blocks;
    unsigned char *place;
    size_t left;
    size_t used;
    size_t limit;
    uint64_t deadline;
    unsigned counter;
    GumboOutput *output;
    jmp_buf leave;
};

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void *take(void *data, size_t size) {
    chtml_tree *tree = data;
    if (++tree->counter % CLOCK_EVERY == 0 && now() > tree->deadline) longjmp(tree->leave, CHTML_TOO_LONG);
    // The arena's own count, rounded up, cannot overflow behind this.
    if (size > tree->limit - tree->used) longjmp(tree->leave, CHTML_TOO_LARGE);
    size = (size + 15) & ~(size_t)15;
    if (size > tree->left) {
        size_t room = size > BLOCK ? size : BLOCK;
        struct block *block = malloc(sizeof *block + room);
        if (!block) longjmp(tree->leave, CHTML_NO_MEMORY);
        block->next = tree->blocks;
        tree->blocks = block;
        tree->place = block->bytes;
        tree->left = room;
    }
    void *result = tree->place;
    tree->place += size;
    tree->left -= size;
    tree->used += size;
    if (tree->used > tree->limit) longjmp(tree->leave, CHTML_TOO_LARGE);
    return result;
}

static void keep(void *data, void *pointer) {
    (void)data;
    (void)pointer;
}

int chtml_parse(
    const char *text, size_t length, size_t memory, uint64_t nanoseconds, chtml_tree **result) {
    chtml_tree *tree = calloc(1, sizeof *tree);
    if (!tree) return CHTML_NO_MEMORY;
    tree->limit = memory;
    tree->deadline = now() + nanoseconds;
    int reason = setjmp(tree->leave);
    if (reason != 0) {
        chtml_free(tree);
        return reason;
    }
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = take;
    options.deallocator = keep;
    options.userdata = tree;
    // Errors are not looked at. But once their number is reached, gumbo 0.10 loses the value of an attribute behind one that
    // is given twice, so it is not 0; and each takes as much room as the page is nested deep, so it is not large.
    options.max_errors = 1000;
    tree->output = gumbo_parse_with_options(&options, text, length);
    *result = tree;
    return CHTML_OK;
}

const GumboNode *chtml_document(const chtml_tree *tree) { return tree->output->document; }

void chtml_free(chtml_tree *tree) {
    struct block *block = tree->blocks;
    while (block) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(tree);
}
