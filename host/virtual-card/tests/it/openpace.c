/* The terminal's side of PACE by OpenPACE's libeac. Lines of hexadecimal digits in and out: EF.CardAccess, the CAN as text and
 * the encrypted nonce come in; then mapping data, ephemeral key and token go out, and the chip's of each come in. */
#include <eac/eac.h>
#include <eac/pace.h>
#include <openssl/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what) {
    printf("failed: %s\n", what);
    exit(1);
}

static char *line(void) {
    static char text[16384];
    if (!fgets(text, sizeof text, stdin)) fail("input");
    text[strcspn(text, "\n")] = 0;
    return text;
}

static BUF_MEM *bytes(void) {
    const char *text = line();
    size_t length = strlen(text) / 2;
    BUF_MEM *buffer = BUF_MEM_new();
    if (!buffer || !BUF_MEM_grow(buffer, length)) fail("memory");
    for (size_t i = 0; i < length; i++) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1) fail("digits");
        buffer->data[i] = (char)byte;
    }
    return buffer;
}

static void put(const BUF_MEM *buffer, const char *what) {
    if (!buffer) fail(what);
    for (size_t i = 0; i < buffer->length; i++) printf("%02x", (unsigned char)buffer->data[i]);
    printf("\n");
    fflush(stdout);
}

int main(void) {
    EAC_init();
    EAC_CTX *context = EAC_CTX_new();
    BUF_MEM *access = bytes();
    if (!EAC_CTX_init_ef_cardaccess((unsigned char *)access->data, access->length, context)) fail("EF.CardAccess");
    const char *can = line();
    PACE_SEC *secret = PACE_SEC_new(can, strlen(can), PACE_CAN);
    if (!secret || !PACE_STEP2_dec_nonce(context, secret, bytes())) fail("nonce");
    put(PACE_STEP3A_generate_mapping_data(context), "mapping data");
    if (!PACE_STEP3A_map_generator(context, bytes())) fail("mapping");
    put(PACE_STEP3B_generate_ephemeral_key(context), "ephemeral key");
    BUF_MEM *chip = bytes();
    if (!PACE_STEP3B_compute_shared_secret(context, chip)) fail("shared secret");
    if (!PACE_STEP3C_derive_keys(context)) fail("keys");
    put(PACE_STEP3D_compute_authentication_token(context, chip), "token");
    if (PACE_STEP3D_verify_authentication_token(context, bytes()) != 1) fail("the chip's token");
    printf("opened\n");
    return 0;
}
