// A few threads that do one thing together, in steps of microseconds: who waits for the others spins for a moment, and
// then sleeps, so that a busy machine is not kept busy with waiting.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace speech {

// What different threads write lies so many bytes apart: two cache lines, since some processors fetch them in pairs.
constexpr size_t kApart = 128;

// Whether threads that work together are faster at present than one alone: both ways are timed now and then.
class Pace {
public:
    // The way to go this time, and how long it took.
    bool together();
    void took(bool together, double seconds);

private:
    std::atomic<double> together_{0}, alone_{0};  // seconds, lately; 0: not known
    std::atomic<unsigned> since_try_{0};
};

class Crew {
public:
    std::array<Pace, 2> pace;  // of lighter and heavier work

    // `size` threads, the caller of `run` among them.
    explicit Crew(size_t size);
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    size_t size() const { return threads_.size() + 1; }
    // work(0 .. size - 1), one on each thread; returns when all are done. One caller at a time; others wait.
    void run(const std::function<void(size_t)>& work);
    // Inside `work`, in turns: thread number `thread` has come to a point; and: wait until all have come there. What it
    // does between the two hides the others' way there, and must not need anything of theirs.
    void arrive(size_t thread);
    void await(size_t thread);
    // Whether all have come already.
    bool here(size_t thread) const;

private:
    // Written by one thread only.
    struct alignas(kApart) Counter {
        std::atomic<unsigned> value{0};
    };

    void wait_for(const Counter& counter, unsigned wanted);
    void count(Counter& counter);

    std::vector<std::thread> threads_;
    const std::function<void(size_t)>* work_ = nullptr;
    std::vector<Counter> arrived_;
    Counter begun_;
    alignas(kApart) std::atomic<unsigned> asleep_{0};
    std::atomic<bool> ending_{false};
    std::mutex mutex_, one_caller_;
    std::condition_variable counted_;
};

}  // namespace speech
