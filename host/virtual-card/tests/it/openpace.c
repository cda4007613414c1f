/* The terminal's side of PACE by OpenPACE's libeac. Lines of hexadecimal digits in and out.
 *
 * openpace            EF.CardAccess, the CAN as text and the encrypted nonce come in; then mapping data, ephemeral key and token go
 *                     out, and the chip's of each come in. libeac's integrated mapping is an earlier draft's: Doc 9303-11's, below,
 *                     takes its place; everything else is libeac's.
 * openpace map        EF.CardAccess, the nonces s and t come in; the generator by the mapping below goes out.
 * openpace map own    The same by libeac's own mapping. */
#include <eac/eac.h>
#include <eac/objects.h>
#include <eac/pace.h>
#include <openssl/bn.h>
#include <openssl/buffer.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
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
    if (!buffer || (length && !BUF_MEM_grow(buffer, length))) fail("memory");
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

/* The constants c0 and c1 of Doc 9303-11, 4.4.3.3.2, for keys of at most 128 bits and for longer ones. */
static const char *CONSTANTS[2][2] = {
    {"A668892A7C41E3CA739F40B057D85904", "A4E136AC725F738B01C1F60217C188AD"},
    {"D463D65234124EF7897054986DCA0A174E28DF758CBAA03F240616414D5A1676",
     "54BD7255F0AAF831BEC3423FCF39D69B6CBF066677D0FAAE5AADD99DF8E53517"},
};

/* E(key, data): CBC without padding, the initialisation vector zero. */
static void encrypt(const EVP_CIPHER *cipher, const unsigned char *key, const unsigned char *data, int length, unsigned char *out) {
    static const unsigned char zero[16];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int count;
    if (!context || !EVP_EncryptInit_ex(context, cipher, NULL, key, zero) || !EVP_CIPHER_CTX_set_padding(context, 0) ||
        !EVP_EncryptUpdate(context, out, &count, data, length) || count != length)
        fail("encryption");
    EVP_CIPHER_CTX_free(context);
}

/* R_p(s, t) mod p (4.4.3.3.2). */
static BIGNUM *pseudo_random(const EVP_CIPHER *cipher, const BUF_MEM *s, const BUF_MEM *t, const BIGNUM *p, BN_CTX *numbers) {
    int longer = EVP_CIPHER_key_length(cipher) > 16, length = (int)s->length;
    unsigned char constants[2][32], key[32], next[32], output[1024];
    size_t size = 0;
    for (int i = 0; i < 2; i++) {
        BIGNUM *constant = NULL;
        if (!BN_hex2bn(&constant, CONSTANTS[longer][i]) || BN_bn2binpad(constant, constants[i], length) != length) fail("nonce's length");
        BN_free(constant);
    }
    encrypt(cipher, (unsigned char *)t->data, (unsigned char *)s->data, length, key);
    while (size * 8 < (size_t)BN_num_bits(p) + 64) {
        encrypt(cipher, key, constants[1], length, output + size);
        encrypt(cipher, key, constants[0], length, next);
        memcpy(key, next, length);
        size += length;
    }
    BIGNUM *number = BN_bin2bn(output, (int)size, NULL);
    if (!number || !BN_mod(number, number, p, numbers)) fail("memory");
    return number;
}

/* f_G of appendix B.1, in affine coordinates, for p = 3 mod 4: the names are the appendix's. */
static EC_POINT *encode_to_point(const EC_GROUP *group, const BIGNUM *t, BN_CTX *c) {
    BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new(), *alpha = BN_new(), *x2 = BN_new(), *x3 = BN_new(), *h2 = BN_new(),
           *u = BN_new(), *y = BN_new(), *n = BN_new(), *e = BN_new();
    EC_POINT *point = EC_POINT_new(group);
    int ok = EC_GROUP_get_curve(group, p, a, b, c);
    /* alpha = -t^2 */
    ok = ok && BN_mod_sqr(alpha, t, p, c) && BN_sub(alpha, p, alpha);
    /* x2 = -b/a (1 + 1/(alpha + alpha^2)) */
    ok = ok && BN_mod_sqr(n, alpha, p, c) && BN_mod_add(n, n, alpha, p, c) && BN_mod_inverse(n, n, p, c) && BN_add_word(n, 1);
    ok = ok && BN_mod_inverse(x2, a, p, c) && BN_mod_mul(x2, x2, b, p, c) && BN_mod_mul(x2, x2, n, p, c) && BN_sub(x2, p, x2);
    /* x3 = alpha x2 */
    ok = ok && BN_mod_mul(x3, alpha, x2, p, c);
    /* h2 = x2^3 + a x2 + b */
    ok = ok && BN_mod_sqr(h2, x2, p, c) && BN_mod_add(h2, h2, a, p, c) && BN_mod_mul(h2, h2, x2, p, c) && BN_mod_add(h2, h2, b, p, c);
    /* u = t^3 h2 */
    ok = ok && BN_mod_sqr(u, t, p, c) && BN_mod_mul(u, u, t, p, c) && BN_mod_mul(u, u, h2, p, c);
    /* y = h2^(p - 1 - (p + 1)/4), for which y^2 h2 = 1 if h2 is a square */
    ok = ok && BN_copy(n, p) && BN_add_word(n, 1) && BN_rshift(n, n, 2) && BN_copy(e, p) && BN_sub_word(e, 1) && BN_sub(e, e, n);
    ok = ok && BN_mod_exp(y, h2, e, p, c) && BN_mod_sqr(n, y, p, c) && BN_mod_mul(n, n, h2, p, c);
    int square = ok && BN_is_one(n);
    ok = ok && BN_mod_mul(y, y, square ? h2 : u, p, c);
    /* OpenSSL refuses a point that is not on the curve. */
    if (!ok || !point || !EC_POINT_set_affine_coordinates(group, point, square ? x2 : x3, y, c)) fail("encoding to a point");
    return point;
}

/* The integrated mapping in the place of libeac's; `t` is the terminal's nonce. */
static int map_integrated(PACE_CTX *pace, const BUF_MEM *s, const BUF_MEM *t, BN_CTX *numbers) {
    if (EVP_PKEY_base_id(pace->static_key) == EVP_PKEY_EC) {
        EC_KEY *key = EC_KEY_dup(EVP_PKEY_get0_EC_KEY(pace->static_key));
        EC_GROUP *group = EC_GROUP_dup(EC_KEY_get0_group(key));
        BIGNUM *p = BN_new();
        if (!EC_GROUP_get_curve(group, p, NULL, NULL, numbers)) fail("curve");
        EC_POINT *point = encode_to_point(group, pseudo_random(pace->ka_ctx->cipher, s, t, p, numbers), numbers);
        return EC_GROUP_set_generator(group, point, EC_GROUP_get0_order(group), EC_GROUP_get0_cofactor(group)) &&
               EC_KEY_set_group(key, group) && EVP_PKEY_set1_EC_KEY(pace->ka_ctx->key, key);
    }
    DH *key = DHparams_dup(EVP_PKEY_get0_DH(pace->static_key));
    const BIGNUM *p, *q;
    DH_get0_pqg(key, &p, &q, NULL);
    if (!q) fail("group without its order");
    /* f_g(x) = x^((p - 1)/q) (appendix B.2) */
    BIGNUM *exponent = BN_dup(p), *generator = BN_new();
    return BN_sub_word(exponent, 1) && BN_div(exponent, NULL, exponent, q, numbers) &&
           BN_mod_exp(generator, pseudo_random(pace->ka_ctx->cipher, s, t, p, numbers), exponent, p, numbers) &&
           DH_set0_pqg(key, BN_dup(p), BN_dup(q), generator) && EVP_PKEY_set1_DH(pace->ka_ctx->key, key);
}

static void put_generator(const PACE_CTX *pace) {
    unsigned char bytes[512];
    size_t length;
    if (EVP_PKEY_base_id(pace->ka_ctx->key) == EVP_PKEY_EC) {
        const EC_GROUP *group = EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(pace->ka_ctx->key));
        length = EC_POINT_point2oct(group, EC_GROUP_get0_generator(group), POINT_CONVERSION_UNCOMPRESSED, bytes, sizeof bytes, NULL);
    } else {
        const DH *key = EVP_PKEY_get0_DH(pace->ka_ctx->key);
        length = DH_size(key);
        BN_bn2binpad(DH_get0_g(key), bytes, (int)length);
    }
    BUF_MEM *generator = BUF_MEM_new();
    BUF_MEM_grow(generator, length);
    memcpy(generator->data, bytes, length);
    put(generator, "generator");
}

int main(int count, char **arguments) {
    EAC_init();
    EAC_CTX *context = EAC_CTX_new();
    BUF_MEM *access = bytes();
    /* libeac offers integrated mapping under this version alone; tokens are those of the later one. */
    context->tr_version = EAC_TR_VERSION_2_01;
    if (!EAC_CTX_init_ef_cardaccess((unsigned char *)access->data, access->length, context)) fail("EF.CardAccess");
    context->tr_version = EAC_TR_VERSION_2_02;
    PACE_CTX *pace = context->pace_ctx;
    int integrated = strstr(OBJ_nid2sn(pace->protocol), "-IM-") != NULL;
    if (integrated && count < 3) pace->map_compute_key = map_integrated;
    if (count > 1) {
        pace->nonce = bytes();
        if (!PACE_STEP3A_map_generator(context, bytes())) fail("mapping");
        put_generator(pace);
        return 0;
    }
    const char *can = line();
    PACE_SEC *secret = PACE_SEC_new(can, strlen(can), PACE_CAN);
    if (!secret || !PACE_STEP2_dec_nonce(context, secret, bytes())) fail("nonce");
    BUF_MEM *own = PACE_STEP3A_generate_mapping_data(context);
    put(own, "mapping data");
    BUF_MEM *others = bytes();
    /* With integrated mapping the terminal's nonce is all, and the chip sends nothing. */
    if (!PACE_STEP3A_map_generator(context, integrated ? own : others)) fail("mapping");
    put(PACE_STEP3B_generate_ephemeral_key(context), "ephemeral key");
    BUF_MEM *chip = bytes();
    if (!PACE_STEP3B_compute_shared_secret(context, chip)) fail("shared secret");
    if (!PACE_STEP3C_derive_keys(context)) fail("keys");
    put(PACE_STEP3D_compute_authentication_token(context, chip), "token");
    if (PACE_STEP3D_verify_authentication_token(context, bytes()) != 1) fail("the chip's token");
    printf("opened\n");
    return 0;
}
