/* Why a handshake failed, in Chinese: each reason that people may be told has its sentence there. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/tr.h"
#include "tls/context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

static const char *detail_after(int reason)
{
    struct tls t = {0};
    ERR_clear_error();
    ERR_raise(ERR_LIB_SSL, reason);
    detail_from_queue(&t);
    return t.detail;
}

static void expect_chinese(const char *msgid)
{
    const char *said = _(msgid);
    if ((unsigned char)said[0] < 0x80)
        fail_msg("no Chinese for: %s", msgid);
}

static void every_reason_of_our_own(void **state)
{
    static const int reasons[] = {SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST,  SSL_R_HTTPS_PROXY_REQUEST, SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_CALLBACK_FAILED,
                                  SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_NO_SHARED_CIPHER, SSL_R_BINDER_DOES_NOT_VERIFY,
                                  SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, SSL_R_BAD_LENGTH};
    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        expect_chinese(detail_after(reasons[i]));
    assert_string_equal(detail_after(SSL_R_NO_APPLICATION_PROTOCOL), "the other side does not speak " TLS_ALPN);
}

static void every_alert(void **state)
{
    (void)state;
    for (int alert = 0; alert < 256; alert++)
        expect_chinese(detail_after(1000 + alert));
    assert_string_equal(detail_after(1000 + SSL_AD_NO_APPLICATION_PROTOCOL), "the other side does not speak " TLS_ALPN);
}

int main(void)
{
    setenv("BANYAN_LANG", "zh_CN", 1);
    tr_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_reason_of_our_own), cmocka_unit_test(every_alert)};
    return cmocka_run_group_tests_name("tls_detail", tests, NULL, NULL);
}
