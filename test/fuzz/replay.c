/*
 * Runs a fuzz target over its kept corpus, so that each input that once broke a parser is tried
 * again in every build, with or without libFuzzer. A target without a corpus gets a few generic
 * inputs: nothing, zeros, ones and a counting pattern with every prefix of it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    const long len = ftell(file);
    rewind(file);
    uint8_t *data = malloc(len > 0 ? (size_t)len : 1);
    if (len > 0 && fread(data, 1, (size_t)len, file) != (size_t)len) {
        perror(path);
        exit(1);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)len);
    free(data);
}

static void
replay_generic(void)
{
    uint8_t pattern[256];
    for (size_t fill = 0; fill < 3; fill++) {
        for (size_t i = 0; i < sizeof pattern; i++) {
            pattern[i] = fill == 0 ? 0x00 : fill == 1 ? 0xff : (uint8_t)i;
        }
        for (size_t len = 0; len <= sizeof pattern; len++) {
            /* A heap copy of the exact length lets the address sanitizer see the first byte past
             * it. */
            uint8_t *copy = malloc(len > 0 ? len : 1);
            memcpy(copy, pattern, len);
            LLVMFuzzerTestOneInput(copy, len);
            free(copy);
        }
    }
}

int
main(int argc, char **argv)
{
    replay_generic();
    DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;
    int count = 0;
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        replay_file(path);
        count++;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    printf("%d kept inputs replayed\n", count);
    return 0;
}
