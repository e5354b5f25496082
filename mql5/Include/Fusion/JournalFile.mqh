#ifndef FUSION_JOURNAL_FILE_MQH
#define FUSION_JOURNAL_FILE_MQH
// A file that only grows, line by line, each with its checksum and flushed before the next step.

#include "Text.mqh"

#define SUM_LENGTH 16

class JournalFile
{
private:
    string m_path;
    int    m_handle;
    ulong  m_size;   // bytes that are known to be right

    int LineBytes(const string text, uchar &bytes[]) const
    {
        uchar body[];
        const int length = BytesOf(text, body);
        BytesOf(HexOf(HashOf(body, 0, length), SUM_LENGTH) + " ", bytes);
        ArrayCopy(bytes, body, SUM_LENGTH + 1);
        const int size = SUM_LENGTH + 1 + length + 1;
        ArrayResize(bytes, size);
        bytes[size - 1] = '\n';
        return size;
    }

    // Writes and asks the file itself whether it is there: a full disk says so nowhere else.
    bool Written(const int handle, const ulong at, const uchar &bytes[]) const
    {
        const uint count = (uint)ArraySize(bytes);
        if(!FileSeek(handle, (long)at, SEEK_SET) || FileWriteArray(handle, bytes) != count)
            return false;
        FileFlush(handle);
        return FileSize(handle) == at + count;
    }

    // Cuts the bytes into lines; `is_torn` tells of an end without a line's end, `damaged` counts
    // lines whose checksum is wrong.
    void Cut(const uchar &bytes[], string &lines[], bool &is_torn, int &damaged) const
    {
        int from = 0;
        for(int i = 0; i < ArraySize(bytes); i++)
        {
            if(bytes[i] != '\n')
                continue;
            string line = "";
            if(LineRead(bytes, from, i, line))
            {
                const int count = ArraySize(lines);
                ArrayResize(lines, count + 1, 1024);
                lines[count] = line;
            }
            else
                damaged++;
            from = i + 1;
        }
        is_torn = from < ArraySize(bytes);
    }

    bool LineRead(const uchar &bytes[], const int from, const int to, string &line) const
    {
        const int body = from + SUM_LENGTH + 1;
        if(body > to)
            return false;
        const string sum = HexOf(HashOf(bytes, body, to - body), SUM_LENGTH);
        line = TextOf(bytes, body, to - body);
        return TextOf(bytes, from, SUM_LENGTH) == sum && bytes[body - 1] == ' ';
    }

    bool Reopen()
    {
        m_handle = FileOpen(m_path, FILE_READ | FILE_WRITE | FILE_BIN | FILE_SHARE_READ);
        m_size = m_handle == INVALID_HANDLE ? 0 : FileSize(m_handle);
        return m_handle != INVALID_HANDLE;
    }

public:
    JournalFile() : m_path(""), m_handle(INVALID_HANDLE), m_size(0) {}

    // Opens it, and reads what can be read. A rewrite that was cut short leaves the file before it;
    // one that was whole and not yet in its place is put there.
    bool Open(const string path, string &lines[], bool &is_torn, int &damaged)
    {
        Close();
        m_path = path;
        is_torn = false;
        damaged = 0;
        ArrayResize(lines, 0);
        const string next = path + ".next";
        if(!FileIsExist(path) && FileIsExist(next))
            FileMove(next, 0, path, FILE_REWRITE);
        if(!Reopen())
            return false;
        uchar bytes[];
        ArrayResize(bytes, 0);
        if(m_size > 0 && FileReadArray(m_handle, bytes, 0, (int)m_size) != (uint)m_size)
        {
            Close();
            return false;
        }
        // The Reference wants it between reading and writing.
        FileFlush(m_handle);
        Cut(bytes, lines, is_torn, damaged);
        return true;
    }

    void Close()
    {
        if(m_handle != INVALID_HANDLE)
            FileClose(m_handle);
        m_handle = INVALID_HANDLE;
    }

    bool IsOpen() const
    {
        return m_handle != INVALID_HANDLE;
    }

    ulong Size() const
    {
        return m_size;
    }

    // True once the line is on the disk as far as a program can know.
    bool Append(const string text)
    {
        uchar bytes[];
        const int count = LineBytes(text, bytes);
        if(!IsOpen() || !Written(m_handle, m_size, bytes))
            return false;
        m_size += (ulong)count;
        return true;
    }

    // Writes all lines into a file beside it and puts that in its place.
    bool Rewrite(const string &lines[])
    {
        const string next = m_path + ".next";
        const int handle = FileOpen(next, FILE_WRITE | FILE_BIN);
        if(handle == INVALID_HANDLE)
            return false;
        bool is_whole = true;
        ulong at = 0;
        for(int i = 0; i < ArraySize(lines) && is_whole; i++)
        {
            uchar bytes[];
            const int count = LineBytes(lines[i], bytes);
            is_whole = FileWriteArray(handle, bytes) == (uint)count;
            at += (ulong)count;
        }
        FileFlush(handle);
        is_whole = is_whole && FileSize(handle) == at;
        FileClose(handle);
        if(!is_whole)
            return false;
        Close();
        const bool is_moved = FileMove(next, 0, m_path, FILE_REWRITE);
        return Reopen() && is_moved;
    }
};

#endif
