/* The own BIO: OpenSSL reads from the slice that the caller lent and writes to the caller's buf. It holds no byte
 * between two calls, which is what makes an idle connection cheap. */
#include "tls/context.h"
#include <openssl/bio.h>
#include <pthread.h>
#include <string.h>

static pthread_once_t bio_once = PTHREAD_ONCE_INIT;
static BIO_METHOD *bio_method;

static int bio_read(BIO *b, char *out, int size)
{
    struct tls *t = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    if (!t->in.size || size <= 0) {
        BIO_set_retry_read(b);
        return -1;
    }
    size_t n = t->in.size < (size_t)size ? t->in.size : (size_t)size;
    memcpy(out, t->in.data, n);
    t->in.data += n;
    t->in.size -= n;
    return (int)n;
}

static int bio_write(BIO *b, const char *data, int size)
{
    struct tls *t = BIO_get_data(b);
    BIO_clear_retry_flags(b);
    if (!t->cipher || size < 0)
        return -1;
    buf_append(t->cipher, data, (size_t)size);
    return size;
}

static long bio_ctrl(BIO *b, int command, long n, void *to)
{
    (void)n, (void)to;
    const struct tls *t = BIO_get_data(b);
    if (command == BIO_CTRL_FLUSH)
        return 1;
    return command == BIO_CTRL_PENDING ? (long)t->in.size : 0;
}

static void bio_make_method(void)
{
    bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "borrowed bytes");
    CHECK(bio_method && BIO_meth_set_read(bio_method, bio_read) == 1 &&
          BIO_meth_set_write(bio_method, bio_write) == 1 && BIO_meth_set_ctrl(bio_method, bio_ctrl) == 1);
}

struct bio_st *bio_create(struct tls *t)
{
    CHECK(pthread_once(&bio_once, bio_make_method) == 0);
    BIO *b = BIO_new(bio_method);
    CHECK(b);
    BIO_set_data(b, t);
    BIO_set_init(b, 1);
    return b;
}
