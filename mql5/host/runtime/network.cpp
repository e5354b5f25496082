// WebRequest over a socket, with the terminal's list of allowed addresses; CryptEncode.
#include <chrono>

#include "system.hpp"

#include "runtime.hpp"
#include "terminal.hpp"
#include "broker/points.hpp"

namespace mql {

using Steady = std::chrono::steady_clock;
struct Transport {  // a failure without an answer
    int error;
};
struct Address {
    std::string host, port, path;
};
struct Answer {
    int status = 0;
    std::string headers, body;
};
static const size_t ANSWER_MAX = 64u << 20;

static Address address_of(const std::string& url) {
    const std::string scheme = "http://";
    if (url.compare(0, 8, "https://") == 0) fail("the host has no TLS: give it an address with http://");
    if (url.compare(0, scheme.size(), scheme) != 0) throw Transport{ERR_WEBREQUEST_INVALID_ADDRESS};
    size_t slash = url.find_first_of("/?", scheme.size());
    std::string where = url.substr(scheme.size(), slash == std::string::npos ? slash : slash - scheme.size());
    std::string path = slash == std::string::npos ? "/" : url.substr(slash);
    size_t colon = where.rfind(':');
    Address address{where.substr(0, colon), colon == std::string::npos ? "80" : where.substr(colon + 1), path};
    bool strange = url.find_first_of(" \r\n\t") != std::string::npos;
    bool number = address.port.find_first_not_of("0123456789") == std::string::npos && !address.port.empty();
    if (address.host.empty() || !number || strange) throw Transport{ERR_WEBREQUEST_INVALID_ADDRESS};
    if (path[0] == '?') address.path = "/" + path;
    return address;
}

static bool allowed(const std::string& url) {
    for (const std::string& one : options().allowed) {
        if (url.compare(0, one.size(), one) != 0) continue;
        if (url.size() == one.size() || one.back() == '/' || url[one.size()] == '/' || url[one.size()] == '?')
            return true;
    }
    return false;
}

class Connection {
    int fd_ = -1;
    Steady::time_point end_;

    void wait(short events) {
        for (;;) {
            auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Steady::now()).count();
            if (left <= 0) throw Transport{ERR_WEBREQUEST_TIMEOUT};
            pollfd one{fd_, events, 0};
            int ready = poll(&one, 1, (int)left);
            if (ready > 0) return;
            if (ready < 0 && errno != EINTR) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
        }
    }

  public:
    Connection(const Address& to, int timeout_ms) : end_(Steady::now() + std::chrono::milliseconds(timeout_ms)) {
        addrinfo hints{}, *found = nullptr;
        hints.ai_socktype = SOCK_STREAM;
        if (getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found) != 0)
            throw Transport{ERR_WEBREQUEST_CONNECT_FAILED};
        fd_ = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int begun = fd_ < 0 ? -1 : connect(fd_, found->ai_addr, found->ai_addrlen);
        bool waits = fd_ >= 0 && begun != 0 && errno == EINPROGRESS;
        freeaddrinfo(found);
        int fault = begun == 0 || waits ? 0 : 1;
        socklen_t size = sizeof fault;
        if (waits) {
            try {
                wait(POLLOUT);
            } catch (const Transport&) {
                close(fd_);
                throw;
            }
            getsockopt(fd_, SOL_SOCKET, SO_ERROR, &fault, &size);
        }
        if (fault != 0) {
            if (fd_ >= 0) close(fd_);
            throw Transport{ERR_WEBREQUEST_CONNECT_FAILED};
        }
    }
    Connection(const Connection&) = delete;
    ~Connection() { close(fd_); }

    void send_all(const std::string& bytes) {
        for (size_t done = 0; done < bytes.size();) {
            wait(POLLOUT);
            ssize_t sent = send(fd_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
            if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (sent <= 0) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
            done += (size_t)sent;
        }
    }
    // More bytes; false at the end.
    bool more(std::string& to) {
        char part[16384];
        for (;;) {
            wait(POLLIN);
            ssize_t got = recv(fd_, part, sizeof part, 0);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (got < 0 || to.size() > ANSWER_MAX) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
            to.append(part, (size_t)got);
            return got > 0;
        }
    }
    void need(std::string& to, size_t bytes) {
        while (to.size() < bytes)
            if (!more(to)) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
    }
};

static std::string header(const std::string& headers, const std::string& name) {
    for (size_t at = 0; at < headers.size();) {
        size_t end = std::min(headers.find("\r\n", at), headers.size());
        std::string line = headers.substr(at, end - at);
        size_t colon = line.find(':');
        if (colon == name.size() && strncasecmp(line.c_str(), name.c_str(), colon) == 0) {
            size_t from = line.find_first_not_of(' ', colon + 1);
            return from == std::string::npos ? "" : line.substr(from);
        }
        at = end + 2;
    }
    return "";
}

static std::string chunks(Connection& line, std::string& bytes, size_t at) {
    std::string body;
    for (;;) {
        size_t end;
        while ((end = bytes.find("\r\n", at)) == std::string::npos)
            if (!line.more(bytes)) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
        size_t size = std::strtoul(bytes.c_str() + at, nullptr, 16);
        if (size == 0) return body;
        if (size > ANSWER_MAX) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
        line.need(bytes, end + 2 + size + 2);
        body += bytes.substr(end + 2, size);
        at = end + 2 + size + 2;
    }
}

static Answer receive(Connection& line, const std::string& method) {
    std::string bytes;
    size_t end;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos)
        if (!line.more(bytes)) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
    Answer answer;
    size_t first = bytes.find("\r\n");
    if (bytes.compare(0, 7, "HTTP/1.") != 0) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
    answer.status = std::atoi(bytes.c_str() + 9);
    answer.headers = first < end ? bytes.substr(first + 2, end - first) : "";
    size_t from = end + 4;
    std::string length = header(answer.headers, "Content-Length");
    if (method == "HEAD" || answer.status == 204 || answer.status == 304) return answer;
    if (header(answer.headers, "Transfer-Encoding") == "chunked") {
        answer.body = chunks(line, bytes, from);
    } else if (!length.empty()) {
        size_t size = std::strtoul(length.c_str(), nullptr, 10);
        if (size > ANSWER_MAX) throw Transport{ERR_WEBREQUEST_REQUEST_FAILED};
        line.need(bytes, from + size);
        answer.body = bytes.substr(from, size);
    } else {
        while (line.more(bytes)) {
        }
        answer.body = bytes.substr(from);
    }
    return answer;
}

static std::string request_text(const std::string& method, const Address& to, std::string headers,
                                const Array<uchar>& data) {
    if (!headers.empty() && headers.compare(headers.size() - std::min<size_t>(2, headers.size()), 2, "\r\n") != 0)
        headers += "\r\n";
    std::string text = method + " " + to.path + " HTTP/1.1\r\nHost: " + to.host + ":" + to.port +
                       "\r\nUser-Agent: MetaTrader 5\r\nConnection: close\r\n" + headers;
    if (data.size() > 0 || method == "POST") text += "Content-Length: " + std::to_string(data.size()) + "\r\n";
    text += "\r\n";
    for (long i = 0; i < data.size(); i++) text += (char)data[i];
    return text;
}

// What a scripted fault makes of a request: an error of the terminal, or any number as its status.
static int bent(const broker::Stroke& stroke, Array<uchar>& result, String& result_headers) {
    ArrayResize(result, 0);
    result_headers = String();
    spend(stroke.ms, "http");
    if (stroke.retcode >= 4000) {
        set_error((int)stroke.retcode);
        return -1;
    }
    for (char one : stroke.text) {
        ArrayResize(result, ArraySize(result) + 1);
        result[result.size() - 1] = (uchar)one;
    }
    return (int)stroke.retcode;
}
static std::string text_of(const Array<uchar>& data) {
    std::string text;
    for (long i = 0; i < data.size(); i++) text += (char)data[i];
    return text;
}

int WebRequest(String method, String url, String headers, int timeout, const Array<uchar>& data,
               Array<uchar>& result, String& result_headers) {
    std::string to = utf8(url), how = utf8(method);
    if (timeout <= 0) fail("WebRequest needs a timeout above zero");
    if (result.same(&data)) fail("WebRequest needs two arrays: what is sent and what comes");
    broker::Point point("WebRequest", how + " " + to + " " + text_of(data));
    broker::Stroke stroke;
    if (point.struck("before", stroke)) return bent(stroke, result, result_headers);
    ArrayResize(result, 0);
    result_headers = String();
    try {
        Address address = address_of(to);
        if (!allowed(to)) throw Transport{ERR_FUNCTION_NOT_ALLOWED};
        // In lockstep the driver's clock counts: a busy machine is no silent server.
        Connection line(address, options().clock == Clock::LOCKSTEP ? std::max(timeout, 60000) : timeout);
        line.send_all(request_text(how, address, utf8(headers), data));
        Answer answer = receive(line, how);
        ArrayResize(result, (int)answer.body.size());
        for (size_t i = 0; i < answer.body.size(); i++) result[(long)i] = (uchar)answer.body[i];
        result_headers = from_utf8(answer.headers);
        spend(options().latency_ms, "http");
        return point.struck("after", stroke) ? bent(stroke, result, result_headers) : answer.status;
    } catch (const Transport& fault) {
        set_error(fault.error);
        spend(fault.error == ERR_WEBREQUEST_TIMEOUT ? timeout : 0, "http");
        return -1;
    }
}

// SHA-256 (FIPS 180-4).
static const uint ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
static uint turned(uint x, int n) { return x >> n | x << (32 - n); }

static void digest_block(uint (&state)[8], const uchar* block) {
    uint w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint)block[4 * i] << 24 | (uint)block[4 * i + 1] << 16 | (uint)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint a = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint b = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    std::memcpy(v, state, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint e = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25);
        uint one = v[7] + e + ((v[4] & v[5]) ^ (~v[4] & v[6])) + ROUND[i] + w[i];
        uint a = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22);
        uint two = a + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        std::memmove(v + 1, v, 7 * sizeof(uint));
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++) state[i] += v[i];
}

static std::string sha256(std::string bytes) {
    uint state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    ulong bits = bytes.size() * 8;
    bytes += (char)0x80;
    while (bytes.size() % 64 != 56) bytes += '\0';
    for (int i = 7; i >= 0; i--) bytes += (char)(bits >> (8 * i));
    for (size_t at = 0; at < bytes.size(); at += 64) digest_block(state, (const uchar*)bytes.data() + at);
    std::string out;
    for (uint word : state)
        for (int i = 3; i >= 0; i--) out += (char)(word >> (8 * i));
    return out;
}

static std::string base64(const std::string& bytes) {
    static const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (size_t at = 0; at < bytes.size(); at += 3) {
        uint group = 0;
        size_t have = std::min<size_t>(3, bytes.size() - at);
        for (size_t i = 0; i < 3; i++) group = group << 8 | (i < have ? (uchar)bytes[at + i] : 0u);
        for (size_t i = 0; i < 4; i++) out += i <= have ? letters[group >> (18 - 6 * i) & 63] : '=';
    }
    return out;
}

int CryptEncode(ENUM_CRYPT_METHOD method, const Array<uchar>& data, const Array<uchar>&, Array<uchar>& result) {
    std::string bytes, out;
    for (long i = 0; i < data.size(); i++) bytes += (char)data[i];
    if (method == CRYPT_HASH_SHA256) out = sha256(bytes);
    else if (method == CRYPT_BASE64) out = base64(bytes);
    else fail("the host's CryptEncode knows CRYPT_HASH_SHA256 and CRYPT_BASE64");
    ArrayResize(result, (int)out.size());
    for (size_t i = 0; i < out.size(); i++) result[(long)i] = (uchar)out[i];
    return (int)out.size();
}

}  // namespace mql
