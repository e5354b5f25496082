#ifndef FUSION_SETTINGS_MQH
#define FUSION_SETTINGS_MQH
// What the trader sets, as one value that every part reads; and what cannot be meant.

#include "Text.mqh"

struct Settings
{
    string url;
    string key;
    string signing_key;   // empty: calls are not signed
    long   login;
    string server;
    bool   is_real;
    int    timer_ms;
    int    timeout_ms;
    int    heartbeat_seconds;
    int    silence_seconds;
    bool   waits;
    int    bar_minutes;   // 0: no bars are told
    double order_lots_max;
    double open_lots_max;
    int    positions_max;
    int    entries_a_day_max;
    double daily_loss_percent;
    double equity_stop_percent;
    double margin_level_min;
    int    spread_points_max;
    int    deviation_points_max;
    int    tick_age_seconds_max;
    int    skew_seconds_max;
    bool   needs_stop;
    bool   refuses_netting;
    bool   flat_over_weekend;
    int    weekend_minutes;
};

Settings g_set;

string UrlHost(const string url)
{
    const int from = StringFind(url, "://") + 3;
    string host = StringSubstr(url, from);
    const int slash = StringFind(host, "/");
    if(slash >= 0)
        host = StringSubstr(host, 0, slash);
    const int colon = StringFind(host, ":");
    return colon >= 0 ? StringSubstr(host, 0, colon) : host;
}

string UrlFault(const string url)
{
    const bool is_plain = StringFind(url, "http://") == 0;
    if(!is_plain && StringFind(url, "https://") != 0)
        return "begins with https://";
    if(StringFind(url, "@") >= 0 || StringFind(url, "?") >= 0 || !TextIsWord(url, 300))
        return "is scheme, host and port alone";
    const string host = UrlHost(url);
    if(host == "")
        return "has no host";
    if(is_plain && host != "127.0.0.1" && host != "localhost")
        return "without https:// is for this machine alone (127.0.0.1)";
    return "";
}

string AboveZero(const string name, const double value)
{
    return MathIsValidNumber(value) && value > 0 ? "" : name + " must be above 0";
}

string Between(const string name, const int value, const int least, const int most)
{
    if(value >= least && value <= most)
        return "";
    return name + " lies between " + IntegerToString(least) + " and " + IntegerToString(most);
}

string PercentFault(const string name, const double value)
{
    return value > 100 ? name + " is at most 100" : AboveZero(name, value);
}

bool BarsAreKnown(const int minutes)
{
    return minutes == 0 || minutes == 1 || minutes == 5 || minutes == 15 || minutes == 30
           || minutes == 60 || minutes == 240;
}

string LimitsFault(const Settings &set)
{
    string fault = AboveZero("InpOrderLotsMax", set.order_lots_max);
    if(fault == "")
        fault = AboveZero("InpOpenLotsMax", set.open_lots_max);
    if(fault == "")
        fault = AboveZero("InpPositionsMax", set.positions_max);
    if(fault == "")
        fault = AboveZero("InpEntriesADayMax", set.entries_a_day_max);
    if(fault == "")
        fault = PercentFault("InpDailyLossPercent", set.daily_loss_percent);
    if(fault == "")
        fault = PercentFault("InpEquityStopPercent", set.equity_stop_percent);
    if(fault == "")
        fault = AboveZero("InpMarginLevelMin", set.margin_level_min);
    if(fault == "")
        fault = AboveZero("InpSpreadPointsMax", set.spread_points_max);
    if(fault == "")
        fault = AboveZero("InpDeviationPointsMax", set.deviation_points_max);
    if(fault == "")
        fault = AboveZero("InpTickAgeSecondsMax", set.tick_age_seconds_max);
    if(fault == "")
        fault = AboveZero("InpSkewSecondsMax", set.skew_seconds_max);
    return fault;
}

// The first input that cannot be meant, by its name; empty where all can.
string SettingsFault(const Settings &set)
{
    const string url = UrlFault(set.url);
    if(url != "")
        return "InpServerUrl " + url;
    if(!TextIsWord(set.key, 200) || StringFind(set.key, ".") <= 0)
        return "InpKey is the key as it was shown once: prefix, dot, secret";
    if(set.signing_key != "" && (StringLen(set.signing_key) != 64 || !TextIsWord(set.signing_key, 64)))
        return "InpSigningKey is empty, or the 64 digits that were shown with the key";
    if(set.login <= 0)
        return "InpLogin is the account's number";
    if(set.server == "")
        return "InpServer is the broker's server as the terminal shows it";
    string fault = Between("InpTimerMilliseconds", set.timer_ms, 100, 2000);
    if(fault == "")
        fault = Between("InpTimeoutMilliseconds", set.timeout_ms, 2000, 5000);
    if(fault == "")
        fault = Between("InpHeartbeatSeconds", set.heartbeat_seconds, 1, 10);
    if(fault == "")
        fault = Between("InpSilenceSeconds", set.silence_seconds, 10, 3600);
    if(fault == "")
        fault = Between("InpWeekendMinutes", set.weekend_minutes, 1, 1440);
    if(fault == "" && !BarsAreKnown(set.bar_minutes))
        fault = "InpBarMinutes is 0, 1, 5, 15, 30, 60 or 240";
    return fault == "" ? LimitsFault(set) : fault;
}

#endif
