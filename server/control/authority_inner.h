#pragma once
/* Inside of the authority, shared by the files that answer for it: authority.c (files, certificates of its own, the TLS
 * context), authority_psk.c (pre-shared keys), authority_often.c (how often), authority_head.c (macs of chain heads), authority_seats.c (invitations,
 * joining, renewing, the end of a seat). */
#include "server/control/authority.h"

#define AUTHORITY_DAY_MS (24 * 60 * 60 * 1000LL)

struct authority {
    char *dir;
    struct buf ca_key, ca_pem, server_key, server_pem;
    uint8_t identity_key[32]; /* seals PSK identities */
    uint8_t psk_key[32];      /* PSKs are derived under it */
    uint8_t head_key[32];     /* of the macs of chain heads */
    uint8_t district[16];     /* the CA's fingerprint, as join codes name it */
    struct control *control;  /* of the thread that runs the TLS context */
    struct certified *certified;
};

/* Frees a secret and leaves nothing of it behind. */
void authority_forget(struct buf *secret);
/* authority_seats.c: why there can be no such seat, as authority_invite tells it; NULL: there can. */
const char *authority_refusal(const struct control_org *org, const char *person, role_set roles, unsigned days);
/* authority_psk.c: a tls_psk_find over the authority. */
bool authority_find_psk(void *to, struct slice identity, uint8_t key[32], uint32_t *seat);
void authority_take_master(struct authority *a, struct slice master);
/* authority_often.c: counts one more certificate; true: over LIMIT_CERTIFICATES_HOUR. */
bool authority_certifies_often(struct authority *a, uint32_t seat, int64_t now_ms);
void authority_forget_often(struct authority *a);
/* authority_head.c; the CA is there. ERR_FOREIGN where it can't be read. */
enum err authority_take_head_key(struct authority *a, struct slice key) MUST_CHECK;
