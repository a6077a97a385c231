#include "dispatch.h"

#include <stdexcept>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace speech {

std::vector<const Kernels*> available_kernels() {
    std::vector<const Kernels*> found;
    auto add = [&found](const Kernels* kernels, bool supported) {
        if (kernels && supported) found.push_back(kernels);
    };
#if defined(__x86_64__) || defined(__i386__)
    __builtin_cpu_init();
    add(avx512vnni_kernels(), __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                                  __builtin_cpu_supports("avx512vnni"));
    add(avx2_kernels(), __builtin_cpu_supports("avx2"));
#endif
#if defined(__aarch64__) && defined(__linux__)
    add(neondot_kernels(), getauxval(AT_HWCAP) & HWCAP_ASIMDDP);
#endif
    add(neon_kernels(), true);
    add(generic_kernels(), true);
    return found;
}

const Kernels& find_kernels(const std::string& name) {
    const auto found = available_kernels();
    if (name.empty()) return *found.front();
    std::string names;
    for (const Kernels* kernels : found) {
        if (name == kernels->name) return *kernels;
        names += (names.empty() ? "" : ", ") + std::string(kernels->name);
    }
    throw std::invalid_argument("SPEECHD_NEURAL_CPU=" + name + ": this processor and build accept " + names);
}

}  // namespace speech
