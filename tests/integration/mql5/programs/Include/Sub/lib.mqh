// What the plain subset allows, each once.
#ifndef LIB_MQH
#define LIB_MQH
#define STEP 0.25 // a step / of volume
#define NAME "it's // no comment"
struct Base { int id; };
struct Item : Base { string text; double v; };
class Shape
  {
public:
   virtual double Area() const = 0;
   virtual string Name() const { return "shape"; }
  };
class Square : public Shape
  {
private:
   double m_side;
   Item   m_items[];
   static int s_count;
public:
   Square() : m_side(2.0) { s_count++; }
   virtual double Area() const override { return m_side * m_side; }
   void Put(const Item &one) { int n = ArraySize(m_items); ArrayResize(m_items, n + 1, 16); m_items[n] = one; }
   Item Last() const { return m_items[ArraySize(m_items) - 1]; }
   static int Made() { return s_count; }
  };
int Square::s_count = 0;
#endif
