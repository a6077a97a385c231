// A few threads that do one thing together, in steps of microseconds: at a barrier a thread spins for a moment, and then
// sleeps, so that a busy machine is not kept busy with waiting.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace speech {

class Crew {
public:
    // `size` threads, the caller of `run` among them.
    explicit Crew(size_t size);
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    size_t size() const { return threads_.size() + 1; }
    // work(0 .. size - 1), one on each thread; returns when all are done. One caller at a time; others wait.
    void run(const std::function<void(size_t)>& work);
    // Inside `work`: nobody goes on before everybody has come here.
    void meet();

private:
    void wait_for_change(const std::atomic<unsigned>& value, unsigned seen);
    void change(std::atomic<unsigned>& value);

    std::vector<std::thread> threads_;
    const std::function<void(size_t)>* work_ = nullptr;
    alignas(64) std::atomic<unsigned> arrived_{0};
    alignas(64) std::atomic<unsigned> met_{0};
    alignas(64) std::atomic<unsigned> begun_{0};
    alignas(64) std::atomic<unsigned> asleep_{0};
    std::atomic<bool> ending_{false};
    std::mutex mutex_, one_caller_;
    std::condition_variable changed_;
};

}  // namespace speech
