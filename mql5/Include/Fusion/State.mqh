#ifndef FUSION_STATE_MQH
#define FUSION_STATE_MQH
// Who this program is: its lasting name in a file, its nonce of this run in memory, its lock.

#include "Desk.mqh"

#define LOCK_MS 10000

class Identity
{
private:
    string m_folder;
    string m_instance;
    string m_boot_nonce;
    string m_lock;
    double m_owner;

    // Differs between runs, between copies of a terminal, and between charts of one.
    string NonceMake() const
    {
        const string name = "FusionBoot";
        const double boots = GlobalVariableCheck(name) ? GlobalVariableGet(name) + 1 : 1;
        GlobalVariableSet(name, boots);
        GlobalVariablesFlush();
        return StringSubstr(Sha256Text(DoubleToString(boots, 0) + TimeToString(TimeLocal(), TIME_DATE | TIME_SECONDS)
                                       + IntegerToString((long)GetMicrosecondCount()) + "|"
                                       + TerminalInfoString(TERMINAL_DATA_PATH) + "|" + m_folder),
                            0, 16);
    }

    bool InstanceRead(const string path)
    {
        const int handle = FileOpen(path, FILE_READ | FILE_BIN);
        if(handle == INVALID_HANDLE)
            return false;
        uchar bytes[];
        ArrayResize(bytes, 0);
        FileReadArray(handle, bytes, 0, 64);
        FileClose(handle);
        string text = TextOf(bytes, 0, ArraySize(bytes));
        StringTrimRight(text);
        m_instance = StringFind(text, "ea-") == 0 && StringLen(text) == 19 && TextIsWord(text, 19) ? text : "";
        return m_instance != "";
    }

    bool InstanceMake(const string path)
    {
        const string name = "ea-" + StringSubstr(Sha256Text("instance " + NonceMake()), 0, 16);
        uchar bytes[];
        const int count = BytesOf(name + "\n", bytes);
        const int handle = FileOpen(path, FILE_WRITE | FILE_BIN);
        if(handle == INVALID_HANDLE)
            return false;
        const bool is_written = FileWriteArray(handle, bytes) == (uint)count;
        FileFlush(handle);
        FileClose(handle);
        return is_written && InstanceRead(path);
    }

    // One program for an account in this terminal: the lock is a global variable whose owner shows
    // signs of life beside it.
    bool LockTake()
    {
        const string beat = m_lock + ".beat";
        const double now = (double)GetTickCount64();
        if(!GlobalVariableCheck(m_lock))
            GlobalVariableTemp(m_lock);
        const double holder = GlobalVariableGet(m_lock);
        if(holder != m_owner)
        {
            const double seen = GlobalVariableCheck(beat) ? GlobalVariableGet(beat) : -1;
            const bool is_alive = holder != 0 && seen >= 0 && now >= seen && now - seen < LOCK_MS;
            if(is_alive || !GlobalVariableSetOnCondition(m_lock, m_owner, holder))
                return false;
        }
        if(!GlobalVariableCheck(beat))
            GlobalVariableTemp(beat);
        GlobalVariableSet(beat, now);
        return true;
    }

public:
    Identity() : m_folder(""), m_instance(""), m_boot_nonce(""), m_lock(""), m_owner(0) {}

    void Restart()
    {
        m_folder = "Fusion\\" + IntegerToString(g_set.login) + "-" + StringSubstr(HashText(g_set.server), 0, 8);
        m_lock = "Fusion." + IntegerToString(g_set.login) + "." + StringSubstr(HashText(g_set.server), 0, 8);
        m_instance = "";
        m_boot_nonce = NonceMake();
        MathSrand(g_http.HashMix(m_boot_nonce));
        m_owner = 1 + MathRand() * 32768.0 + MathRand();
    }

    // Why this program may not work now; empty where its files are its own and open.
    string Open()
    {
        if(!LockTake())
            return "another FusionExecutor works for this account in this terminal";
        if(g_journal.IsOpen())
            return "";
        const string path = m_folder + "\\instance.txt";
        FolderCreate(m_folder);
        if(!InstanceRead(path) && !InstanceMake(path))
            return "its files cannot be written: " + path;
        if(!g_journal.Open(m_folder + "\\journal.txt"))
            return "its journal cannot be opened; another terminal may hold it";
        g_clock.Restart();
        g_history.Restart();
        g_notes.Restart();
        g_risk.Restart();
        g_deals.Restart();
        g_protection.Restart();
        g_plans.Restart();
        g_lookups.Restart();
        g_sheets.Restart();
        g_telemetry.Restart();
        g_bars.Restart();
        g_http.Restart(m_boot_nonce);
        g_outbox.Restart(m_instance, m_boot_nonce);
        g_desk.Restart(m_instance, m_boot_nonce);
        Print("FusionExecutor ", EA_VERSION, ", instance ", m_instance, ", account ", IntegerToString(g_set.login));
        return "";
    }

    void Close()
    {
        g_journal.Close();
        if(m_lock != "" && GlobalVariableCheck(m_lock) && GlobalVariableGet(m_lock) == m_owner)
        {
            GlobalVariableDel(m_lock);
            GlobalVariableDel(m_lock + ".beat");
        }
    }
};

Identity g_identity;

#endif
