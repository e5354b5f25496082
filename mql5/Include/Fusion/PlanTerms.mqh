#ifndef FUSION_PLANTERMS_MQH
#define FUSION_PLANTERMS_MQH
// The plan of an entry as the server leases it: targets, a moving stop, an end by time.

#include "Json.mqh"

#define PLAN_TARGETS_MAX 5
#define PLAN_SECONDS_MAX 2678400

struct Distance
{
    string unit;   // empty: there is none
    double value;
};

struct PlanTerms
{
    bool     is_there;
    int      targets;
    string   target_unit;
    double   target_value[PLAN_TARGETS_MAX];
    double   target_share[PLAN_TARGETS_MAX];   // percent of the filled lots
    Distance trail;
    Distance trail_trigger;
    Distance trail_step;
    Distance even_trigger;
    Distance even_offset;
    long     time_exit;                        // seconds; 0: there is none
};

// `a|b|c` holds the word.
bool IsOneOf(const string word, const string words)
{
    return word != "" && StringFind("|" + words + "|", "|" + word + "|") >= 0;
}

void DistanceRead(JsonDoc &doc, const int node, const string key, Distance &distance)
{
    distance.unit = "";
    distance.value = 0;
    if(doc.Absent(node, key))
        return;
    const int part = doc.Part(node, key, JSON_OBJECT);
    distance.unit = doc.Text(part, "unit");
    distance.value = doc.Decimal(part, "value", 10, 10);
    if(!IsOneOf(distance.unit, "points|pips|percent") || distance.value <= 0)
        doc.Blame(key, "points, pips or percent above 0");
}

double PlanShares(const PlanTerms &plan)
{
    double sum = 0;
    for(int i = 0; i < plan.targets; i++)
        sum += plan.target_share[i];
    return sum;
}

bool PlanClosesAll(const PlanTerms &plan)
{
    return plan.targets > 0 && MathAbs(PlanShares(plan) - 100.0) < 1e-9;
}

void PlanTargetsRead(JsonDoc &doc, const int node, PlanTerms &plan)
{
    if(doc.Absent(node, "targets"))
        return;
    const int list = doc.Part(node, "targets", JSON_ARRAY);
    for(int at = doc.First(list); at >= 0; at = doc.Next(at))
    {
        if(plan.targets == PLAN_TARGETS_MAX)
        {
            doc.Blame("plan", "more targets than it may have");
            return;
        }
        const string unit = doc.Text(at, "unit");
        if(!IsOneOf(unit, "price|points|pips|percent") || (plan.targets > 0 && unit != plan.target_unit))
            doc.Blame("plan", "targets in one unit are wanted");
        plan.target_unit = unit;
        plan.target_value[plan.targets] = doc.Decimal(at, "value", 10, 10);
        plan.target_share[plan.targets] = doc.Decimal(at, "share", 10, 10);
        plan.targets++;
    }
}

// What cannot be carried out as it stands is refused whole.
void PlanJudge(JsonDoc &doc, const PlanTerms &plan, const bool is_buy, const bool has_stop)
{
    const bool moves = plan.targets > 0 || plan.trail.unit != "" || plan.even_trigger.unit != "";
    if(!moves && plan.time_exit == 0)
        doc.Blame("plan", "it asks for nothing");
    if(moves && !has_stop)
        doc.Blame("plan", "it needs a stop");
    if(PlanShares(plan) > 100.0 + 1e-9)
        doc.Blame("plan", "the shares of its targets are above 100");
    const bool falls = plan.target_unit == "price" && !is_buy;
    for(int i = 0; i < plan.targets; i++)
    {
        const double value = plan.target_value[i];
        if(value <= 0 || plan.target_share[i] <= 0)
            doc.Blame("plan", "a target is not above 0");
        if(i > 0 && (falls ? value >= plan.target_value[i - 1] : value <= plan.target_value[i - 1]))
            doc.Blame("plan", "its targets are not in their order");
    }
    if(plan.even_offset.unit != "" && plan.even_offset.value >= plan.even_trigger.value)
        doc.Blame("plan", "its break-even stands beyond its trigger");
    if(plan.time_exit < 0 || plan.time_exit > PLAN_SECONDS_MAX)
        doc.Blame("plan", "its end lies too far away");
}

void PlanRead(JsonDoc &doc, const int node, const bool is_buy, const bool has_stop, PlanTerms &plan)
{
    ZeroMemory(plan);
    if(doc.Absent(node, "plan"))
        return;
    const int part = doc.Part(node, "plan", JSON_OBJECT);
    plan.is_there = true;
    PlanTargetsRead(doc, part, plan);
    if(!doc.Absent(part, "trailing"))
    {
        const int rule = doc.Part(part, "trailing", JSON_OBJECT);
        DistanceRead(doc, rule, "distance", plan.trail);
        DistanceRead(doc, rule, "trigger", plan.trail_trigger);
        DistanceRead(doc, rule, "step", plan.trail_step);
        if(plan.trail.unit == "")
            doc.Blame("plan", "its trailing stop has no distance");
    }
    if(!doc.Absent(part, "break_even"))
    {
        const int rule = doc.Part(part, "break_even", JSON_OBJECT);
        DistanceRead(doc, rule, "trigger", plan.even_trigger);
        DistanceRead(doc, rule, "offset", plan.even_offset);
        if(plan.even_trigger.unit == "")
            doc.Blame("plan", "its break-even has no trigger");
    }
    plan.time_exit = doc.Absent(part, "time_exit_seconds") ? 0 : doc.Whole(part, "time_exit_seconds");
    PlanJudge(doc, plan, is_buy, has_stop);
}

#endif
