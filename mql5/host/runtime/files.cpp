// Files of the sandbox. What was written and not flushed is lost in a crash, as in a terminal.
#include "system.hpp"

#include "runtime.hpp"
#include "terminal.hpp"
#include "broker/points.hpp"

namespace mql {
namespace fs = std::filesystem;
using broker::Point;
using broker::Stroke;

struct Open {
    int fd;
    int flags;
    fs::path path;
    long at;               // where the program reads or writes
    std::string pending{};  // written, not flushed; ends at `at`
};
static std::map<int, Open>& opened() {
    static std::map<int, Open> all;
    return all;
}
static const int TERMINAL_MAX = 64;

static fs::path path_of(const String& name, int flags) {
    std::string text = utf8(name);
    std::replace(text.begin(), text.end(), '\\', '/');
    fs::path relative(text);
    bool outside = text.empty() || relative.is_absolute() || text.find(':') != std::string::npos;
    for (const fs::path& part : relative) outside = outside || part == "..";
    if (outside) fail("file name outside the sandbox: '" + text + "'");
    return fs::path(options().home) / (flags & FILE_COMMON ? "Common/Files" : "MQL5/Files") / relative;
}

static void write_out(Open& file, size_t bytes) {
    long from = file.at - (long)file.pending.size();
    size_t done = 0;
    while (done < bytes) {
        ssize_t wrote = pwrite(file.fd, file.pending.data() + done, bytes - done, from + (long)done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) {
            set_error(ERR_INTERNAL_ERROR);
            std::fprintf(stderr, "%s: %s\n", file.path.c_str(), std::strerror(errno));
            break;
        }
        done += (size_t)wrote;
    }
    file.pending.clear();
}
static void flush(Open& file) { write_out(file, file.pending.size()); }

void files_tear(long bytes) {
    for (auto& [handle, file] : opened())
        write_out(file, std::min((size_t)std::max(0L, bytes), file.pending.size()));
}
void files_close() {
    for (auto& [handle, file] : opened()) {
        flush(file);
        close(file.fd);
    }
    opened().clear();
}

static Open* known(int handle, int needs) {
    auto found = opened().find(handle);
    if (found == opened().end()) {
        set_error(ERR_WRONG_FILEHANDLE);
        return nullptr;
    }
    if (needs & ~found->second.flags) {
        set_error(needs & FILE_WRITE ? ERR_FILE_NOTTOWRITE : needs & FILE_BIN ? ERR_FILE_NOTBIN : ERR_FILE_NOTTOREAD);
        return nullptr;
    }
    return &found->second;
}

static void check_flags(int flags, uint codepage) {
    if (flags & (FILE_CSV | FILE_UNICODE)) fail("the host knows FILE_BIN and FILE_TXT|FILE_ANSI with CP_UTF8 only");
    if (!(flags & FILE_BIN) == !(flags & FILE_TXT)) fail("FileOpen needs one of FILE_BIN and FILE_TXT");
    if (!(flags & (FILE_READ | FILE_WRITE))) fail("FileOpen needs FILE_READ or FILE_WRITE");
    if ((flags & FILE_TXT) && (!(flags & FILE_ANSI) || codepage != CP_UTF8))
        fail("a text file needs FILE_ANSI and the code page CP_UTF8");
}

static bool shared(const fs::path& path, int flags) {
    for (auto& [handle, file] : opened()) {
        if (file.path != path) continue;
        bool may_read = file.flags & FILE_SHARE_READ, may_write = file.flags & FILE_SHARE_WRITE;
        if ((flags & FILE_READ && !may_read) || (flags & FILE_WRITE && !may_write)) return false;
        flush(file);
    }
    return true;
}

int FileOpen(String name, int flags, short, uint codepage) {
    check_flags(flags, codepage);
    fs::path path = path_of(name, flags);
    Point point("FileOpen", path.filename());
    Stroke stroke;
    if (point.struck("before", stroke)) {
        set_error(ERR_CANNOT_OPEN_FILE);
        return INVALID_HANDLE;
    }
    if (opened().size() >= TERMINAL_MAX) {
        set_error(ERR_TOO_MANY_FILES);
        return INVALID_HANDLE;
    }
    std::error_code ignored;
    if (flags & FILE_WRITE) fs::create_directories(path.parent_path(), ignored);
    int mode = !(flags & FILE_WRITE) ? O_RDONLY : flags & FILE_READ ? O_RDWR | O_CREAT : O_RDWR | O_CREAT | O_TRUNC;
    int fd = shared(path, flags) ? open(path.c_str(), mode | O_CLOEXEC, 0644) : -1;
    if (fd < 0 || fs::is_directory(path)) {
        if (fd >= 0) close(fd);
        set_error(ERR_CANNOT_OPEN_FILE);
        return INVALID_HANDLE;
    }
    int handle = 1;
    while (opened().count(handle)) handle++;
    opened().insert({handle, Open{fd, flags, path, 0}});
    return handle;
}

void FileClose(int handle) {
    if (Open* file = known(handle, 0)) {
        Point point("FileClose", file->path.filename());
        flush(*file);
        close(file->fd);
        opened().erase(handle);
    }
}
void FileFlush(int handle) {
    Open* file = known(handle, 0);
    if (!file) return;
    Point point("FileFlush", file->path.filename());
    Stroke stroke;
    if (!point.struck("before", stroke)) return flush(*file);
    file->at -= (long)file->pending.size();  // a full disk
    file->pending.clear();
    set_error(ERR_FILE_WRITEERROR);
}

static long size_of(Open& file) {
    flush(file);
    struct stat found{};
    return fstat(file.fd, &found) == 0 ? found.st_size : 0;
}
ulong FileSize(int handle) {
    Open* file = known(handle, 0);
    return file ? (ulong)size_of(*file) : 0;
}
ulong FileTell(int handle) {
    Open* file = known(handle, 0);
    return file ? (ulong)file->at : 0;
}
bool FileIsEnding(int handle) {
    Open* file = known(handle, 0);
    return !file || file->at >= size_of(*file);
}
bool FileSeek(int handle, long offset, ENUM_FILE_POSITION origin) {
    Open* file = known(handle, 0);
    if (!file) return false;
    long size = size_of(*file);
    long to = offset + (origin == SEEK_SET ? 0 : origin == SEEK_CUR ? file->at : size);
    if (to < 0 || to > size) {
        set_error(ERR_INVALID_PARAMETER);
        return false;
    }
    file->at = to;
    return true;
}

static uint put(Open& file, const std::string& bytes) {
    Point point("FileWrite", file.path.filename().string() + " " + bytes);
    Stroke stroke;
    if (point.struck("before", stroke)) {
        set_error(ERR_FILE_WRITEERROR);
        return 0;
    }
    file.pending += bytes;
    file.at += (long)bytes.size();
    return (uint)bytes.size();
}
uint FileWriteString(int handle, String text, int length) {
    Open* file = known(handle, FILE_WRITE);
    if (!file) return 0;
    std::string bytes = utf8(text);
    if (file->flags & FILE_BIN) {
        bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char one) { return (uchar)one < 0x80; });
        if (!(file->flags & FILE_ANSI) || !ascii || length != -1)
            fail("FileWriteString to a FILE_BIN: needs FILE_ANSI, ASCII and no length; else use FileWriteArray");
        return put(*file, bytes);
    }
    std::string lines;
    for (size_t i = 0; i < bytes.size(); i++) {
        if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) lines += '\r';
        lines += bytes[i];
    }
    return put(*file, lines);
}
uint FileWriteArray(int handle, const Array<uchar>& array, int start, int count) {
    Open* file = known(handle, FILE_WRITE | FILE_BIN);
    if (!file) return 0;
    long end = count < 0 ? array.size() : std::min(array.size(), (long)start + count);
    std::string bytes;
    for (long i = start; i < end; i++) bytes += (char)array.at(i);
    return put(*file, bytes);
}

static std::string get(Open& file, long count) {
    flush(file);
    std::string bytes((size_t)std::max(0L, count), '\0');
    ssize_t got = pread(file.fd, bytes.data(), bytes.size(), file.at);
    bytes.resize((size_t)std::max((ssize_t)0, got));
    return bytes;
}
String FileReadString(int handle, int length) {
    Open* file = known(handle, FILE_READ);
    if (!file) return String();
    if (file->flags & FILE_BIN) {
        if (length < 0) fail("FileReadString from a FILE_BIN needs a length");
        std::string bytes = get(*file, length);
        file->at += (long)bytes.size();
        return from_utf8(bytes);
    }
    std::string rest = get(*file, size_of(*file) - file->at);
    size_t end = rest.find('\n');
    file->at += (long)(end == std::string::npos ? rest.size() : end + 1);
    std::string line = rest.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return from_utf8(line);
}
uint FileReadArray(int handle, Array<uchar>& array, int start, int count) {
    Open* file = known(handle, FILE_READ | FILE_BIN);
    if (!file) return 0;
    if (start < 0) fail("FileReadArray to a negative position");
    long room = array.fixed() ? std::max(0L, array.size() - start) : LONG_MAX;
    long wanted = std::min(room, count < 0 ? size_of(*file) - file->at : (long)count);
    std::string bytes = get(*file, wanted);
    file->at += (long)bytes.size();
    if (array.size() < start + (long)bytes.size()) array.resize(start + (long)bytes.size());
    for (size_t i = 0; i < bytes.size(); i++) array.at(start + (long)i) = (uchar)bytes[i];
    return (uint)bytes.size();
}

bool FileIsExist(String name, int flags) {
    bool there = fs::is_regular_file(path_of(name, flags));
    if (!there) set_error(ERR_FILE_NOT_EXIST);
    return there;
}
static bool in_use(const fs::path& path) {
    return std::any_of(opened().begin(), opened().end(), [&](auto& one) { return one.second.path == path; });
}
bool FileDelete(String name, int flags) {
    fs::path path = path_of(name, flags);
    Point point("FileDelete", path.filename());
    std::error_code fault;
    if (in_use(path) || !fs::is_regular_file(path) || !fs::remove(path, fault)) {
        set_error(fs::exists(path) ? ERR_CANNOT_DELETE_FILE : ERR_FILE_NOT_EXIST);
        return false;
    }
    return true;
}
static bool transfer(String from, int from_flags, String to, int to_flags, bool move) {
    fs::path source = path_of(from, from_flags), target = path_of(to, to_flags);
    Point point(move ? "FileMove" : "FileCopy", source.filename());
    std::error_code fault;
    if (!fs::is_regular_file(source)) {
        set_error(ERR_FILE_NOT_EXIST);
        return false;
    }
    if ((fs::exists(target) && !(to_flags & FILE_REWRITE)) || in_use(source) || in_use(target)) {
        set_error(ERR_FILE_CANNOT_REWRITE);
        return false;
    }
    fs::create_directories(target.parent_path(), fault);
    if (move) fs::rename(source, target, fault);
    else fs::copy_file(source, target, fs::copy_options::overwrite_existing, fault);
    if (fault) set_error(ERR_INTERNAL_ERROR);
    return !fault;
}
bool FileMove(String from, int flags, String to, int to_flags) { return transfer(from, flags, to, to_flags, true); }
bool FileCopy(String from, int flags, String to, int to_flags) { return transfer(from, flags, to, to_flags, false); }
bool FolderCreate(String name, int flags) {
    std::error_code fault;
    fs::create_directories(path_of(name, flags), fault);
    if (fault) set_error(ERR_WRONG_DIRECTORYNAME);
    return !fault;
}

}  // namespace mql
