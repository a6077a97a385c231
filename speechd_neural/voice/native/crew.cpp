#include "crew.h"

#include <algorithm>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace speech {

namespace {
constexpr int kSpins = 2000;  // some tens of microseconds
// Of so many times the other way is gone once. Alone more seldom: that together has become slow is seen without it.
constexpr unsigned kTryTogether = 40, kTryAlone = 400;

inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Counters go round; nobody is ever half a round ahead.
inline bool reached(unsigned value, unsigned wanted) { return static_cast<int>(value - wanted) >= 0; }
}  // namespace

bool Pace::together() {
    if (together_ == 0) return true;
    if (alone_ == 0) return false;
    const bool better = together_ <= alone_;
    if (++since_try_ < (better ? kTryAlone : kTryTogether)) return better;
    since_try_ = 0;
    return !better;
}

void Pace::took(bool together, double seconds) {
    std::atomic<double>& known = together ? together_ : alone_;
    const double before = known;
    const bool usual = before != 0 && together == (together_ <= alone_);
    // One interruption by another program is no reason to change.
    known = usual ? 0.75 * before + 0.25 * std::min(seconds, 2 * before) : seconds;
}

Crew::Crew(size_t size) : arrived_(size) {
    for (size_t i = 1; i < size; ++i)
        threads_.emplace_back([this, i] {
            for (unsigned next = 1;; ++next) {
                wait_for(begun_, next);
                if (ending_) return;
                (*work_)(i);
                arrive(i);
            }
        });
}

Crew::~Crew() {
    ending_ = true;
    count(begun_);
    for (std::thread& thread : threads_) thread.join();
}

void Crew::run(const std::function<void(size_t)>& work) {
    if (threads_.empty()) return work(0);
    const std::lock_guard<std::mutex> alone(one_caller_);
    work_ = &work;
    count(begun_);
    work(0);
    arrive(0);
    await(0);
}

void Crew::arrive(size_t thread) { count(arrived_[thread]); }

void Crew::await(size_t thread) {
    const unsigned own = arrived_[thread].value.load(std::memory_order_relaxed);
    for (const Counter& counter : arrived_) wait_for(counter, own);
}

bool Crew::here(size_t thread) const {
    const unsigned own = arrived_[thread].value.load(std::memory_order_relaxed);
    for (const Counter& counter : arrived_)
        if (!reached(counter.value.load(std::memory_order_acquire), own)) return false;
    return true;
}

void Crew::wait_for(const Counter& counter, unsigned wanted) {
    for (int i = 0; i < kSpins; ++i) {
        if (reached(counter.value.load(std::memory_order_acquire), wanted)) return;
        pause();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    asleep_.fetch_add(1);
    counted_.wait(lock, [&] { return reached(counter.value.load(), wanted); });
    asleep_.fetch_sub(1);
}

void Crew::count(Counter& counter) {
    counter.value.fetch_add(1);
    // A sleeper counts itself before it looks at the counter, so either it sees the change or it is seen here.
    if (asleep_.load() > 0) {
        { const std::lock_guard<std::mutex> lock(mutex_); }
        counted_.notify_all();
    }
}

}  // namespace speech
