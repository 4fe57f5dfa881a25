/* Addresses as text. Pure but for libuv's parsers. */
#include "net/life.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static bool address_is_port(const char *text)
{
    size_t size = strspn(text, "0123456789");
    return size >= 1 && size <= 5 && text[size] == 0 && atoi(text) <= UINT16_MAX;
}

enum err address_split(const char *text, char host[ADDRESS_HOST], char port[6])
{
    const char *start = text, *colon = strrchr(text, ':'), *end = colon;
    if (!colon || !address_is_port(colon + 1))
        return ERR_VALUE;
    if (*text == '[') {
        start = text + 1;
        end = colon - 1;
        if (end <= start || *end != ']')
            return ERR_VALUE;
    } else if (memchr(text, ':', (size_t)(colon - text))) {
        return ERR_VALUE; /* an IPv6 address without brackets: where would its port begin? */
    }
    size_t size = (size_t)(end - start);
    if (size == 0 || size >= ADDRESS_HOST)
        return ERR_VALUE;
    memcpy(host, start, size);
    host[size] = 0;
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return ERR_OK;
}

bool address_numeric(const char *host, const char *port, void *sockaddr_storage)
{
    int number = atoi(port);
    return uv_ip4_addr(host, number, sockaddr_storage) == 0 || uv_ip6_addr(host, number, sockaddr_storage) == 0;
}

void address_text(const struct sockaddr *a, char *out, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    (void)uv_ip_name(a, host, sizeof host); /* "?" for what is no IP address */
    snprintf(out, size, a->sa_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, address_port(a));
}

uint16_t address_port(const struct sockaddr *a)
{
    return ntohs(a->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)(const void *)a)->sin6_port
                                          : ((const struct sockaddr_in *)(const void *)a)->sin_port);
}
