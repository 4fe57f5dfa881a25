/* What WELCOME says of each org that the seat keeps: where its log stands, what a client there would have to fetch,
 * what it should hand back (rules 23-26). And macs: what proves that a chain head was given here (PROTOCOL.md "The
 * chain"). */
#include "server/control/messages.h"
#include "server/recovery/recovery.h"
#include "server/session/session_hello.h"

/* ---- macs ---- */

ProtobufCBinaryData session_head_mac(struct session *s, uint32_t org, uint64_t seq, const uint8_t chain[CHAIN_SIZE])
{
    uint8_t mac[HEAD_MAC_SIZE];
    authority_head_mac(s->serving->authority, org, seq, chain, mac);
    return session_bytes(s, slice_of(mac, sizeof mac));
}

bool session_gave_head(struct session *s, uint32_t org, uint64_t seq, ProtobufCBinaryData chain,
                       ProtobufCBinaryData mac)
{
    uint8_t right[HEAD_MAC_SIZE];
    if (chain.len != CHAIN_SIZE)
        return false;
    authority_head_mac(s->serving->authority, org, seq, chain.data, right);
    return authority_is_mac(slice_of(mac.data, mac.len), right);
}

/* ---- heads ---- */

/* In recovery a client hands back all that it holds beyond what survived, even where others did before: its copies may
 * be fuller (rule 25). Who stands off the line goes back to the last seq on it first, and may hold what came before
 * that. */
static void ask_back(struct hello *h, Wire__Head *head, uint32_t org, const Wire__Position *at, enum standing standing)
{
    uint64_t survived = h->rolled_back ? head->seq : store_recovery_from(h->s->serving->store, org);
    if (!head->recovering)
        return;
    if (!at || standing == STANDS_UNPROVEN || at->seq <= survived) {
        h->heard[h->heard_count++] = org;
        return;
    }
    head->has_hand_back_after = 1;
    head->hand_back_after = survived;
}

static enum err count_behind(struct session *s, Wire__Head *head, uint32_t org, const Wire__Position *at,
                             enum standing standing)
{
    if (!at || at->seq == 0 || standing == STANDS_ELSEWHERE || standing == STANDS_UNPROVEN)
        return ERR_OK; /* all of them */
    if (at->seq < head->seq)
        return store_count_entries(s->serving->store, org, at->seq, &head->entries);
    head->entries = 0;
    return ERR_OK;
}

static enum err add_head(struct hello *h, size_t index)
{
    struct session *s = h->s;
    struct recovery_times times;
    struct org_state *state;
    uint32_t org = s->orgs[index];
    const Wire__Position *at = hello_position(h, org);
    Wire__Head *head = session_make(s, sizeof *head);
    if (!head)
        return ERR_MEMORY;
    enum err e = store_load_org(s->serving->store, org, session_epoch(s), &state);
    if (e != ERR_OK)
        return e;
    wire__head__init(head);
    head->has_seq = head->has_chain = head->has_promise = head->has_rows = head->has_entries = head->has_recovering = 1;
    head->seq = org_state_seq(state);
    head->chain = session_bytes(s, slice_of(org_state_chain(state), CHAIN_SIZE));
    head->rows = org_state_rows(state);
    head->entries = org_state_entries(state);
    head->has_head_mac = 1;
    head->head_mac = session_head_mac(s, org, head->seq, org_state_chain(state));
    org_state_destroy(state);
    head->org = message_org(control_org(s->serving->control, org), session_arena(s));
    /* Who holds another history than ours lets nothing of it go: it is to be made anew out of that (rule 24). */
    head->promise = h->standings[index] == STANDS_HERE ? store_promise(s->serving->store, org) : 0;
    head->recovering = h->rolled_back || store_recovering(s->serving->store, org);
    if (head->recovering && recovery_times(s->serving->store, &times) == ERR_OK) { /* it may have begun with this very HELLO */
        head->has_recovering_until_ms = 1;
        head->recovering_until_ms = times.until_ms ? times.until_ms : s->serving->now_ms() + RECOVERY_MS;
    }
    ask_back(h, head, org, at, h->standings[index]);
    h->heads[index] = head;
    h->welcome.n_head = index + 1;
    return head->org && head->chain.len && head->head_mac.len ? count_behind(s, head, org, at, h->standings[index])
                                                              : ERR_MEMORY;
}

enum err hello_add_heads(struct hello *h)
{
    enum err e = ERR_OK;
    h->welcome.head = h->heads;
    for (size_t i = 0; e == ERR_OK && i < h->s->org_count; i++)
        e = add_head(h, i);
    return e;
}
