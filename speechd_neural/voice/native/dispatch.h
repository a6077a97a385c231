// Which table of kernels this process uses.
#pragma once

#include <string>
#include <vector>

#include "kernels.h"

namespace speech {

// Tables that this processor can run, fastest first; the last is always "generic".
std::vector<const Kernels*> available_kernels();

// The table called `name`, or the fastest where it is empty. Throws std::invalid_argument that lists what is accepted.
const Kernels& find_kernels(const std::string& name);

}  // namespace speech
