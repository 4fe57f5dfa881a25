/* Why a connection failed, in one stable English sentence of this file (a msgid for the programs): what OpenSSL says is
 * for people who know OpenSSL. The first reason counts; what follows in its queue are consequences. */
#include "base/tr.h"
#include "tls/context.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

struct detail_row {
    int reason;
    enum err err;
    const char *text;
};

static const struct detail_row detail_verify_rows[] = {
    {X509_V_ERR_CERT_NOT_YET_VALID, ERR_CERTIFICATE, N_("certificate is not yet valid")},
    {X509_V_ERR_CERT_HAS_EXPIRED, ERR_CERTIFICATE, N_("certificate has expired")},
    {X509_V_ERR_INVALID_PURPOSE, ERR_CERTIFICATE, N_("certificate is for another purpose")},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, ERR_CERTIFICATE, N_("certificate of another authority")},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, ERR_CERTIFICATE, N_("certificate of another authority")},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, ERR_CERTIFICATE, N_("certificate of another authority")},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, ERR_CERTIFICATE, N_("certificate of another authority")},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ERR_CERTIFICATE, N_("certificate of another authority")},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, ERR_CERTIFICATE, N_("certificate of another authority")},
    {0, ERR_CERTIFICATE, N_("certificate is not acceptable")},
};

/* Alerts of the peer (RFC 8446 section 6): reasons of OpenSSL from 1000 on. */
#define DETAIL_ALERT 1000
static const struct detail_row detail_alert_rows[] = {
    {SSL_AD_HANDSHAKE_FAILURE, ERR_TLS, N_("the other side refused: no common cipher")},
    {SSL_AD_BAD_CERTIFICATE, ERR_CERTIFICATE, N_("the other side does not accept our certificate")},
    {SSL_AD_UNSUPPORTED_CERTIFICATE, ERR_CERTIFICATE, N_("the other side does not accept our certificate")},
    {SSL_AD_CERTIFICATE_REVOKED, ERR_CERTIFICATE, N_("the other side does not accept our certificate")},
    {SSL_AD_CERTIFICATE_UNKNOWN, ERR_CERTIFICATE, N_("the other side does not accept our certificate")},
    {SSL_AD_UNKNOWN_CA, ERR_CERTIFICATE, N_("the other side does not know the authority of our certificate")},
    {SSL_AD_CERTIFICATE_EXPIRED, ERR_CERTIFICATE,
     N_("the other side says that our certificate has expired or is not yet valid")},
    {TLS13_AD_CERTIFICATE_REQUIRED, ERR_CERTIFICATE, N_("the other side demands a certificate")},
    {SSL_AD_ILLEGAL_PARAMETER, ERR_TLS, N_("the other side refused a value of the handshake")},
    {SSL_AD_PROTOCOL_VERSION, ERR_TLS, N_("the other side speaks another version of TLS")},
    {SSL_AD_NO_APPLICATION_PROTOCOL, ERR_TLS, TLS_NOT_SPOKEN},
    {0, ERR_TLS, N_("the other side ended the handshake with an alert")},
};

static const struct detail_row detail_own_rows[] = {
    {SSL_R_WRONG_VERSION_NUMBER, ERR_TLS, N_("what came is not TLS")},
    {SSL_R_HTTP_REQUEST, ERR_TLS, N_("what came is HTTP, not TLS")},
    {SSL_R_HTTPS_PROXY_REQUEST, ERR_TLS, N_("what came is HTTP, not TLS")},
    {SSL_R_UNSUPPORTED_PROTOCOL, ERR_TLS, N_("the other side speaks another version of TLS")},
    {SSL_R_CALLBACK_FAILED, ERR_TLS, TLS_NOT_SPOKEN},
    {SSL_R_NO_APPLICATION_PROTOCOL, ERR_TLS, TLS_NOT_SPOKEN},
    {SSL_R_NO_SHARED_CIPHER, ERR_TLS, N_("no common cipher")},
    {SSL_R_BINDER_DOES_NOT_VERIFY, ERR_TLS, N_("the pre-shared key is wrong")},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, ERR_TLS, N_("a record was changed on its way")},
    {0, ERR_TLS, N_("what came is not TLS as it should be")},
};

static const struct detail_row *detail_find(const struct detail_row *rows, int reason)
{
    while (rows->reason && rows->reason != reason)
        rows++;
    return rows;
}

const char *detail_of_verify(int x509_error)
{
    return detail_find(detail_verify_rows, x509_error)->text;
}

void detail_from_queue(struct tls *t)
{
    int reason = ERR_GET_REASON(ERR_peek_error());
    bool is_alert = reason >= DETAIL_ALERT && reason < DETAIL_ALERT + 256;
    const struct detail_row *row =
        is_alert ? detail_find(detail_alert_rows, reason - DETAIL_ALERT) : detail_find(detail_own_rows, reason);
    ERR_clear_error();
    /* RFC 8446 4.2.11: a wrong binder is answered so. The caller drops its key and dials again with certificates. */
    if (is_alert && reason - DETAIL_ALERT == SSL_AD_ILLEGAL_PARAMETER && t->psk_identity.size && !t->is_up)
        t->psk_refused = true;
    if (t->failed)
        return;
    t->failed = row->err;
    t->detail = t->psk_refused ? N_("the other side refused the pre-shared key") : row->text;
}
