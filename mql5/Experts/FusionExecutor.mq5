// Carries out the orders of the executor API in this terminal and tells what became of them.
// It decides nothing: no indicator, no strategy. docs/ea.md says how to install it.
#property copyright "Fusion"
#property version   "1.00"
#property description "Carries out leased orders, guards their stops, tells every deal."

#include <Fusion/State.mqh>

enum AccountKind
{
    ACCOUNT_IS_DEMO,
    ACCOUNT_IS_REAL
};

input group "Server"
input string      InpServerUrl = "https://your-server.example"; // Address, also in the terminal's list
input string      InpKey = "";                                  // Executor key, as it was shown once
input string      InpSigningKey = "";                           // Signing key, where one was shown with the key

input group "Account that this key is for"
input long        InpLogin = 0;                                 // Account number
input string      InpServer = "";                               // Broker's server, as the terminal shows it
input AccountKind InpAccountKind = ACCOUNT_IS_DEMO;             // Demo or real
input bool        InpRefuseNetting = false;                     // No entries on a netting account

input group "Limits of this terminal, beside the server's"
input double      InpOrderLotsMax = 1.0;                        // Most lots of one order
input double      InpOpenLotsMax = 5.0;                         // Most lots open and resting
input int         InpPositionsMax = 20;                         // Most positions and resting orders
input int         InpEntriesADayMax = 100;                      // Most entries a day (broker's day)
input double      InpDailyLossPercent = 5.0;                    // Loss of the day that ends entries, percent
input double      InpEquityStopPercent = 20.0;                  // Fall from the highest equity that closes all, percent
input double      InpMarginLevelMin = 150.0;                    // Least margin level for entries, percent
input int         InpSpreadPointsMax = 50;                      // Widest spread for entries, points
input int         InpDeviationPointsMax = 30;                   // Furthest fill from the price asked, points
input int         InpTickAgeSecondsMax = 30;                    // Oldest quote for entries, seconds
input int         InpSkewSecondsMax = 30;                       // Most that this machine's clock may be off, seconds
input bool        InpNeedsStop = true;                          // No entry without a stop
input bool        InpFlatOverWeekend = false;                   // Close before the weekend
input int         InpWeekendMinutes = 30;                       // So many minutes before the week's last session ends

input group "Talk"
input int         InpTimerMilliseconds = 500;                   // A beat, milliseconds
input int         InpTimeoutMilliseconds = 3000;                // Longest wait for an answer, milliseconds
input int         InpHeartbeatSeconds = 5;                      // Between heartbeats, seconds
input int         InpSilenceSeconds = 60;                       // Silence of the server that takes resting entries back, seconds
input bool        InpWait = false;                              // Let the server say when there is work; blocks this program for 1 s at a time
input int         InpBarMinutes = 1;                            // Length of the closed bars told, minutes; 0: none

void ReadInputs()
{
    g_set.url = InpServerUrl;
    g_set.key = InpKey;
    g_set.signing_key = InpSigningKey;
    g_set.login = InpLogin;
    g_set.server = InpServer;
    g_set.is_real = InpAccountKind == ACCOUNT_IS_REAL;
    g_set.refuses_netting = InpRefuseNetting;
    g_set.order_lots_max = InpOrderLotsMax;
    g_set.open_lots_max = InpOpenLotsMax;
    g_set.positions_max = InpPositionsMax;
    g_set.entries_a_day_max = InpEntriesADayMax;
    g_set.daily_loss_percent = InpDailyLossPercent;
    g_set.equity_stop_percent = InpEquityStopPercent;
    g_set.margin_level_min = InpMarginLevelMin;
    g_set.spread_points_max = InpSpreadPointsMax;
    g_set.deviation_points_max = InpDeviationPointsMax;
    g_set.tick_age_seconds_max = InpTickAgeSecondsMax;
    g_set.skew_seconds_max = InpSkewSecondsMax;
    g_set.needs_stop = InpNeedsStop;
    g_set.flat_over_weekend = InpFlatOverWeekend;
    g_set.weekend_minutes = InpWeekendMinutes;
    g_set.timer_ms = InpTimerMilliseconds;
    g_set.timeout_ms = InpTimeoutMilliseconds;
    g_set.heartbeat_seconds = InpHeartbeatSeconds;
    g_set.silence_seconds = InpSilenceSeconds;
    g_set.waits = InpWait;
    g_set.bar_minutes = InpBarMinutes;
}

// Why nothing can be done in this terminal now. It stays loaded and looks again at each beat: at
// boot the terminal may not be logged in yet.
string TerminalFault()
{
    const long login = AccountInfoInteger(ACCOUNT_LOGIN);
    if(login == 0)
        return "the terminal is not logged in yet";
    if(login != g_set.login)
        return "the terminal is logged in to " + IntegerToString(login) + ", InpLogin says " + IntegerToString(g_set.login);
    if(AccountInfoString(ACCOUNT_SERVER) != g_set.server)
        return "the broker's server is " + AccountInfoString(ACCOUNT_SERVER) + ", InpServer says " + g_set.server;
    const bool is_real = AccountInfoInteger(ACCOUNT_TRADE_MODE) == ACCOUNT_TRADE_MODE_REAL;
    if(is_real != g_set.is_real)
        return is_real ? "this is a real account, InpAccountKind says demo" : "this is no real account, InpAccountKind says real";
    return "";
}

int OnInit()
{
    ReadInputs();
    const string fault = SettingsFault(g_set);
    if(fault != "")
    {
        Print("FusionExecutor is not started: ", fault);
        return INIT_PARAMETERS_INCORRECT;
    }
    g_identity.Restart();
    EventSetMillisecondTimer(g_set.timer_ms);
    return INIT_SUCCEEDED;
}

void OnDeinit(const int reason)
{
    EventKillTimer();
    g_identity.Close();
}

// Stopped, at a limit, or out of reach of the server: what rests is taken back, stops stay where
// they are.
void StopResting()
{
    string why = g_risk.KilledBy();
    if(why == "" && g_risk.IsFlattening())
        why = "equity_stop";
    if(why == "" && g_risk.IsDayLost())
        why = "daily_loss";
    if(why == "" && g_clock.IsSilent())
        why = "server_silent";
    if(why != "" && TerminalIsConnected() && TradingIsAllowed())
        g_manager.RemoveAll(why);
}

void ShowState()
{
    bool is_final = false;
    const string block = g_risk.Block(is_final);
    g_notes.Tell("entries", block);
    Comment("FusionExecutor: " + (block == "" ? "at work" : "no entries: " + block)
            + "\nto tell: " + IntegerToString(g_journal.Untold()) + "\n" + g_notes.Last());
}

// Protection comes before anything that waits for the network.
void OnTimer()
{
    string fault = TerminalFault();
    if(fault != "")
        g_identity.Close();
    else
        fault = g_identity.Open();
    g_notes.Tell("waits", fault);
    if(fault != "")
    {
        Comment("FusionExecutor waits: " + fault);
        return;
    }
    g_journal.Forget();
    g_history.Beat();
    g_risk.Beat(g_deals.AreTold());
    g_protection.Beat();
    g_plans.Beat();
    StopResting();
    g_work.Beat();
    g_deals.Beat();
    g_notes.Flush();
    g_desk.Talk();
    ShowState();
}

void OnTradeTransaction(const MqlTradeTransaction &trans, const MqlTradeRequest &request,
                        const MqlTradeResult &result)
{
    g_deals.Due();
}
