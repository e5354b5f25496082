#ifndef FUSION_WORK_MQH
#define FUSION_WORK_MQH
// Goes over the orders that have not ended: what lowers risk first, then what is looked up.

#include "Lookup.mqh"

class Work
{
public:
    void Beat()
    {
        for(int i = 0; i < ArraySize(g_journal.kept); i++)
            if(g_journal.kept[i].stage != STAGE_CLOSED && !IsEntry(g_journal.kept[i]))
                g_manager.Beat(i);
        for(int i = 0; i < ArraySize(g_journal.kept) && g_clock.IsKnown(); i++)
            if(IsEntry(g_journal.kept[i]) && g_journal.kept[i].stage == STAGE_RECEIVED)
                g_entries.EndLate(i);
        for(int i = 0; i < ArraySize(g_journal.kept); i++)
            if(IsEntry(g_journal.kept[i]) && g_journal.kept[i].stage != STAGE_CLOSED
               && g_journal.kept[i].stage != STAGE_RECEIVED)
                g_lookups.Beat(i);
    }
};

Work g_work;

#endif
