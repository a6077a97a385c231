#include "crew.h"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace speech {

namespace {
constexpr int kSpins = 2000;  // some tens of microseconds

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}
}  // namespace

Crew::Crew(size_t size) {
    for (size_t i = 1; i < size; ++i)
        threads_.emplace_back([this, i] {
            for (unsigned seen = 0;; ++seen) {
                wait_for_change(begun_, seen);
                if (ending_) return;
                (*work_)(i);
                meet();
            }
        });
}

Crew::~Crew() {
    ending_ = true;
    change(begun_);
    for (std::thread& thread : threads_) thread.join();
}

void Crew::run(const std::function<void(size_t)>& work) {
    if (threads_.empty()) return work(0);
    const std::lock_guard<std::mutex> alone(one_caller_);
    work_ = &work;
    change(begun_);
    work(0);
    meet();
}

void Crew::meet() {
    if (threads_.empty()) return;
    const unsigned seen = met_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) == threads_.size()) {
        arrived_.store(0, std::memory_order_relaxed);
        change(met_);
    } else {
        wait_for_change(met_, seen);
    }
}

void Crew::wait_for_change(const std::atomic<unsigned>& value, unsigned seen) {
    for (int i = 0; i < kSpins; ++i) {
        if (value.load(std::memory_order_acquire) != seen) return;
        pause();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    asleep_.fetch_add(1);
    changed_.wait(lock, [&] { return value.load() != seen; });
    asleep_.fetch_sub(1);
}

void Crew::change(std::atomic<unsigned>& value) {
    value.fetch_add(1);
    // A sleeper counts itself before it looks at the value, so either it sees the change or it is seen here.
    if (asleep_.load() > 0) {
        { const std::lock_guard<std::mutex> lock(mutex_); }
        changed_.notify_all();
    }
}

}  // namespace speech
