// Shared by the programs of these tests.
#ifndef PARTS_MQH
#define PARTS_MQH
#define VOLUME_STEPS 4
#define GREETING "hello"
enum Side { SIDE_NONE, SIDE_BUY = 5, SIDE_SELL };
struct Leg
  {
   string   name;
   double   volumes[VOLUME_STEPS];
   int      tags[];
   Side     side;
   datetime at;
  };
class Meter
  {
protected:
   int      m_count;
public:
            Meter(const int start) : m_count(start) {}
   virtual int Step() const { return 1; }
   void     Beat() { m_count += Step(); }
   int      Count() const { return m_count; }
  };
class FastMeter : public Meter
  {
public:
            FastMeter() : Meter(10) {}
   virtual int Step() const { return 5; }
  };
double Sum(const double &values[], const int from = 0)
  {
   double sum = 0;
   for(int i = from; i < ArraySize(values); i++)
      sum += values[i];
   return sum;
  }
void Append(int &values[], const int value)
  {
   int size = ArraySize(values);
   ArrayResize(values, size + 1);
   values[size] = value;
  }
#endif
