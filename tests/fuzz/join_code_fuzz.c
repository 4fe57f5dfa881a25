/* What a person types or scans as a code. What is taken is written again as the same code, and that is read as the
 * same. */
#include "tests/fuzz/fuzz.h"
#include "tls/tls.h"
#include "wire/join_code.h"
#include "wire/wire.h"
#include <stdlib.h>

static bool read_code(struct slice text, struct arena *arena, struct buf *packed)
{
    Wire__JoinCode *code;
    enum err e = join_code_parse(text, tls_sha256, arena, &code);
    CHECK(e == ERR_OK || e == ERR_VALUE || e == ERR_VERSION || e == ERR_MEMORY);
    if (e == ERR_OK)
        wire_pack(&code->base, packed);
    return e == ERR_OK;
}

/* The digits alone stand in the input: the check behind them is made here, or chance would hardly ever find it. */
static void look_at_message(struct slice bytes, struct arena *arena)
{
    struct buf text = BUF_INIT, packed = BUF_INIT;
    ProtobufCMessage *m;
    if (wire_open(&wire__join_code__descriptor, bytes, arena, &m) == ERR_OK) {
        join_code_text((const Wire__JoinCode *)m, tls_sha256, &text);
        if (read_code(buf_slice(&text), arena, &packed))
            CHECK(packed.size == bytes.size);
    }
    buf_finish(&text);
    buf_finish(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf packed = BUF_INIT;
    uint8_t *exact = exact_copy(slice_of(data, size));
    struct slice text = slice_of(exact, size);
    arena_init(&arena, 1u << 20);
    if (read_code(text, &arena, &packed))
        look_at_message(buf_slice(&packed), &arena);
    else
        look_at_message(text, &arena);
    arena_finish(&arena);
    buf_finish(&packed);
    free(exact);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t size_max, unsigned seed)
{
    return seed % 2 ? LLVMFuzzerMutate(data, size, size_max)
                    : mutate_message(&wire__join_code__descriptor, data, size, size_max, seed / 2);
}
