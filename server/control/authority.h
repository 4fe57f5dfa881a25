#pragma once
/* Who may be here: the district's CA, invitations, seats' certificates and pre-shared keys (architecture 6, PROTOCOL.md
 * "Joining", "Reconnecting"). Files in the data folder, all 0600: ca.key ca.pem server.key server.pem psk.master head.key.
 * What is decided here ends in control (journalled); answers go out only after that. */
#include "server/control/control.h"
#include "sync/chain.h"
#include "tls/tls.h"

struct authority;
/* Makes CA and server certificate in dir. ERR_EXISTS if they are there. Of a name over 64 characters the CA bears the
 * first 64. */
enum err authority_init(const char *dir, const char *name, int64_t now_ms) MUST_CHECK;
enum err authority_open(const char *dir, struct authority **out) MUST_CHECK;
void authority_close(struct authority *a);
/* The server's TLS context; PSKs are looked up in control, which must outlive it. */
enum err authority_tls(struct authority *a, struct control *control, struct tls_context **out) MUST_CHECK;
/* Renews the server's own certificate if it ends within LIMIT_RENEW_DAYS, or was made by a clock more than a day ahead of now_ms: then the context is to be made anew. renewed
 * may be NULL. */
enum err authority_keep_fresh(struct authority *a, int64_t now_ms, bool *renewed) MUST_CHECK;

/* Makes a one-time code (text, out) for a seat of org. server: host:port to dial, not NULL. days: 1..LIMIT_INVITE_DAYS.
 * ERR_REFUSED sets *refusal: INVITE_ORG, INVITE_DAYS, INVITE_PERSON, INVITE_ROLES, INVITE_DISTRICT_ROLE (in a branch),
 * INVITE_BRANCH_ROLE (above one), INVITE_MANY (LIMIT_INVITES_OPEN of that org wait already). */
enum err authority_invite(struct authority *a, struct control *control, uint32_t org, const char *person,
                          role_set roles, unsigned days, const char *server, uint32_t by_seat, int64_t now_ms,
                          struct buf *out, int64_t *ends_ms, const char **refusal) MUST_CHECK;
/* Other roles for a seat, by the rules of an invitation. ERR_REFUSED sets *refusal: SEAT_UNKNOWN, SEAT_REVOKED, INVITE_ROLES,
 * INVITE_DISTRICT_ROLE, INVITE_BRANCH_ROLE, SEAT_LAST: then no seat of its org would be left that answers for the others, which is
 * done only if who asks was told. */
enum roles_consent { ROLES_IF_ONE_IS_LEFT, ROLES_IN_ANY_CASE };
enum err authority_set_roles(struct control *control, uint32_t seat, role_set roles, enum roles_consent consent, uint32_t by_seat,
                             int64_t now_ms, const char **refusal) MUST_CHECK;

/* A seat that a restore lost (control_strangers) begins again under its own number, by the rules of an invitation, and is waited for as
 * any other while its union recovers. key: of which device, the first digits of what tls_key_text says; "" or NULL where one called.
 * ERR_REFUSED sets *refusal: SEAT_KNOWN, SEAT_SILENT (no device with its certificate called), SEAT_KEYS (several did, or none with that
 * key), SEAT_BRANCH (its device is of another union), or one of authority_invite's. */
struct adoption { uint32_t seat, org; const char *person, *key; role_set roles; };
enum err authority_adopt(struct control *control, const struct adoption *a, const char **refusal) MUST_CHECK;
/* Which device that is; ERR_REFUSED as authority_adopt. */
enum err authority_find_stranger(const struct control *control, const struct adoption *a, struct control_stranger *out, const char **refusal) MUST_CHECK;

/* Answers a join. ERR_REFUSED sets *refusal: JOIN_UNKNOWN, JOIN_USED, JOIN_EXPIRED, JOIN_CSR (which uses nothing up),
 * BUSY (LIMIT_CERTIFICATES_HOUR).
 * The same key may ask again with the same code (its first answer was lost) and gets the same seat. A code is expired, too, while the
 * seat that gave it out is revoked or suspended. */
enum err authority_join(struct authority *a, struct control *control, const Wire__Join *join, int64_t now_ms,
                        struct buf *cert_der, uint32_t *seat, const char **refusal) MUST_CHECK;
/* A new certificate for an active seat. ERR_REFUSED sets *refusal: SEAT_REVOKED, SEAT_SUSPENDED, JOIN_CSR, BUSY. */
enum err authority_renew(struct authority *a, struct control *control, uint32_t seat, struct slice csr_der,
                         int64_t now_ms, struct buf *cert_der, const char **refusal) MUST_CHECK;
/* A pre-shared key for the seat's next connections: dead at revoke, renewal and after LIMIT_PSK_DAYS. */
void authority_psk(struct authority *a, const struct control_seat *seat, int64_t now_ms, struct buf *identity,
                   uint8_t key[32], int64_t *expires_ms);
/* The signed order to destroy a revoked seat's copy. */
enum err authority_wipe(struct authority *a, uint32_t seat, int64_t at_ms, struct buf *signature) MUST_CHECK;

/* What only this server can say of a chain head (seq: the entry's, chain: the hash there) that it gave: rules 25 and 35 believe what
 * clients bring back by it. */
void authority_head_mac(const struct authority *a, uint32_t org, uint64_t seq, const uint8_t chain[CHAIN_SIZE],
                        uint8_t out[HEAD_MAC_SIZE]);
/* The same of an epoch that it began. */
void authority_epoch_mac(const struct authority *a, uint32_t epoch, uint8_t out[HEAD_MAC_SIZE]);
/* The same of an erasure that it made (rule 29). */
void authority_erasure_mac(const struct authority *a, struct slice packed, uint8_t out[HEAD_MAC_SIZE]);
/* Keys for authority_proves_origin, of certificates that this CA once gave to seats: filled and closed by the caller (tls.h). */
struct tls_seat_keys *authority_seat_keys(const struct authority *a);
/* Does the origin of the change that seat is said to have made bear its signature? Costs one signature check, and a certificate's the
 * first time that keys are asked for the seat. */
struct change_origin;
bool authority_proves_origin(const struct authority *a, uint32_t seat, const struct change_origin *origin, struct tls_seat_keys *keys);
/* In constant time. mac of another size is wrong. */
bool authority_is_mac(struct slice mac, const uint8_t right[HEAD_MAC_SIZE]);
