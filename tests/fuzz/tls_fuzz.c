/* Two ends of a connection and somebody in between, who may hold back, drop, repeat, change and make up bytes: `u8
 * how`, then steps. Whatever he does, what an end gets is what the other wrote, from its beginning and in order, and
 * nobody is up as a seat that it is not. */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/help_tls.h"
#include <stdlib.h>
#include <string.h>

#define SENT_MAX 100000u

enum how { HOW_PSK = 1, HOW_PSK_WRONG = 2, HOW_PSK_UNKNOWN = 4, HOW_STRANGER = 8, HOW_OTHER_DISTRICT = 16 };
enum step {
    STEP_CARRY,
    STEP_CARRY_ALL,
    STEP_MAKE_UP,
    STEP_CHANGE,
    STEP_DROP,
    STEP_REPEAT,
    STEP_WRITE,
    STEP_END,
    STEP_COUNT
};

struct end {
    struct tls *tls;
    struct buf sent, got, out; /* plain, plain, cipher on its way to the other */
    bool is_over;
};

static struct tls_context *server, *seat, *stranger, *other;
static const uint8_t key[32] = {1}, wrong_key[32] = {2};

static bool find(void *to, struct slice identity, uint8_t out[32], uint32_t *number)
{
    (void)to;
    if (!slice_equal(identity, slice_text("seat")))
        return false;
    memcpy(out, key, sizeof key);
    *number = HELP_SEAT;
    return true;
}

static void make_contexts(void)
{
    static struct help_district ours, theirs;
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    help_district_make(&ours, "青禾区教育工会");
    help_district_make(&theirs, "云溪区教育工会");
    server = help_context_server(&ours, find, NULL);
    seat = help_context_seat(&ours);
    other = help_context_seat(&theirs);
    uint8_t pin[16];
    help_pin(&ours, pin);
    CHECK(tls_context_client((struct slice){0}, (struct slice){0}, (struct slice){0}, pin, &stranger) == ERR_OK);
}

static struct tls *client_of(unsigned how)
{
    struct tls_context *c = how & HOW_STRANGER ? stranger : how & HOW_OTHER_DISTRICT ? other : seat;
    if (!(how & (HOW_PSK | HOW_PSK_WRONG | HOW_PSK_UNKNOWN)))
        return tls_create_client(c, (struct slice){0}, (struct slice){0});
    return tls_create_client(c, slice_text(how & HOW_PSK_UNKNOWN ? "nobody" : "seat"),
                             slice_of(how & HOW_PSK_WRONG ? wrong_key : key, 32));
}

static void check_end(const struct end *one, const struct end *from)
{
    CHECK(one->got.size <= from->sent.size &&
          (one->got.size == 0 || memcmp(one->got.data, from->sent.data, one->got.size) == 0));
}

static void feed(struct end *one, struct slice bytes, const struct end *from)
{
    uint8_t *exact = exact_copy(bytes);
    if (!one->is_over)
        one->is_over = tls_feed(one->tls, slice_of(exact, bytes.size), &one->got, &one->out) != ERR_OK;
    check_end(one, from);
    free(exact);
}

static void carry(struct end *from, struct end *to, size_t size)
{
    struct buf cipher = from->out;
    from->out = BUF_INIT;
    size = size < cipher.size ? size : cipher.size;
    feed(to, slice_of(cipher.data, size), from);
    buf_consume(&cipher, size);
    buf_append_slice(&cipher, buf_slice(&from->out));
    buf_finish(&from->out);
    from->out = cipher;
}

static void write_plain(struct end *one, size_t size)
{
    uint8_t text[1024];
    size = size * 4 < sizeof text ? size * 4 : sizeof text;
    for (size_t i = 0; i < size; i++)
        text[i] = (uint8_t)(one->sent.size + i);
    if (one->sent.size < SENT_MAX && tls_write(one->tls, slice_of(text, size), &one->out) == ERR_OK)
        buf_append(&one->sent, text, size);
}

static void take_step(struct feed *f, struct end *from, struct end *to)
{
    unsigned step = feed_byte(f) % STEP_COUNT, size = feed_byte(f);
    switch ((enum step)step) {
    case STEP_CARRY:
        carry(from, to, size);
        break;
    case STEP_CARRY_ALL:
        carry(from, to, SIZE_MAX);
        break;
    case STEP_MAKE_UP:
        feed(to, feed_bytes(f, size), from);
        break;
    case STEP_CHANGE:
        if (from->out.size)
            from->out.data[(size << 3) % from->out.size] ^= (uint8_t)(1u << size % 8);
        break;
    case STEP_DROP:
        buf_consume(&from->out, size < from->out.size ? size : from->out.size);
        break;
    case STEP_REPEAT:
        feed(to, slice_of(from->out.data, size < from->out.size ? size : from->out.size), from);
        break;
    case STEP_WRITE:
        write_plain(from, size);
        break;
    case STEP_END:
        tls_close_notify(from->tls, &from->out);
        break;
    case STEP_COUNT:
        break;
    }
}

/* A stranger is nobody, another district's seat never comes in, and there is one seat. */
static void check_peer(const struct end *s, unsigned how)
{
    uint32_t number = 0;
    if (!tls_is_up(s->tls))
        return;
    enum tls_peer peer = tls_peer(s->tls, &number);
    bool by_psk = how & HOW_PSK && !(how & (HOW_PSK_WRONG | HOW_PSK_UNKNOWN));
    if (!by_psk && how & (HOW_STRANGER | HOW_OTHER_DISTRICT))
        CHECK(peer == TLS_PEER_NOBODY);
    CHECK(peer == TLS_PEER_NOBODY || number == HELP_SEAT);
    CHECK(peer != TLS_PEER_PSK || by_psk);
}

static void end_finish(struct end *e)
{
    tls_destroy(e->tls);
    buf_finish(&e->sent);
    buf_finish(&e->got);
    buf_finish(&e->out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!server)
        make_contexts();
    struct feed f = feed_of(data, size);
    unsigned how = feed_byte(&f);
    struct end c = {.tls = client_of(how)}, s = {.tls = tls_create_server(server)};
    feed(&c, (struct slice){0}, &s);
    while (feed_more(&f)) {
        bool down = feed_byte(&f) % 2;
        take_step(&f, down ? &s : &c, down ? &c : &s);
    }
    check_peer(&s, how);
    end_finish(&c);
    end_finish(&s);
    return 0;
}
