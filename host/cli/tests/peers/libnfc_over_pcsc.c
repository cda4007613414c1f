/* Debian's mrtdreader talks to its card by libnfc. Preloaded before it, this answers the few functions of libnfc that it
 * calls, and sends what they carry to the first PC/SC reader instead. For tests only: one reader, one card. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

static SCARDCONTEXT context;
static SCARDHANDLE card;
static DWORD protocol;

static int failed(const char *step, LONG result)
{
    if (result != SCARD_S_SUCCESS)
        fprintf(stderr, "%s: PC/SC says %08lx\n", step, (unsigned long)result);
    return result != SCARD_S_SUCCESS;
}

void nfc_init(void **it) { *it = &context; }
void nfc_exit(void *it) { (void)it; SCardReleaseContext(context); }
void *nfc_open(void *it, const char *name) { (void)name; return it; }
void nfc_close(void *device) { (void)device; SCardDisconnect(card, SCARD_RESET_CARD); }
const char *nfc_device_get_name(void *device) { (void)device; return "PC/SC"; }
int nfc_device_set_property_bool(void *device, int property, int value)
{
    (void)device, (void)property, (void)value;
    return 0;
}
int nfc_initiator_init(void *device) { (void)device; return 0; }
void nfc_perror(void *device, const char *what) { (void)device; fprintf(stderr, "%s\n", what); }

size_t nfc_list_devices(void *it, char names[][1024], size_t places)
{
    (void)it;
    if (places == 0)
        return 0;
    strcpy(names[0], "PC/SC");
    return 1;
}

/* mrtdreader asks for a card without end and without a pause, so this looks at an even pace, in one context (the service
 * has room for few), and ends the program when no card has come. */
int nfc_initiator_select_passive_target(void *device, long modulation, const unsigned char *data, size_t length, void *target)
{
    enum { TIMES = 100, PAUSE_MICROSECONDS = 100000 };
    (void)device, (void)modulation, (void)data, (void)length, (void)target;
    if (failed("context", SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)))
        exit(1);
    for (int time = 0; time < TIMES; time++) {
        char readers[4096];
        DWORD size = sizeof readers;
        if (!failed("readers", SCardListReaders(context, NULL, readers, &size)) &&
            !failed("connect", SCardConnect(context, readers, SCARD_SHARE_SHARED,
                                            SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol)))
            return 1;
        usleep(PAUSE_MICROSECONDS);
    }
    exit(1);
}

int nfc_initiator_transceive_bytes(void *device, const unsigned char *command, size_t length,
                                   unsigned char *response, size_t room, int timeout)
{
    unsigned char answer[MAX_BUFFER_SIZE_EXTENDED];
    DWORD size = sizeof answer;
    const SCARD_IO_REQUEST *sent = protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
    (void)device, (void)timeout;
    if (failed("transmit", SCardTransmit(card, sent, command, length, NULL, answer, &size)) || size > room)
        return -1;
    memcpy(response, answer, size);
    return (int)size;
}
